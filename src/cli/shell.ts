import type { Books } from '../books/books.ts';
import { NanocentError } from '../errors/error.ts';
import type { Arguments } from './arguments.ts';
import type { CsvValue } from './csv.ts';
import { type Style, styleFor } from './style.ts';
import type { Terminal } from './terminal.ts';
import { wrap } from './text.ts';

/** One report in the forms a reader may ask for; only that one is made. */
export interface Report {
  /** With its schema; money as decimal strings. */
  json(): object;
  csv?(): { readonly columns: readonly string[]; readonly rows: readonly (readonly CsvValue[])[] };
  /** Lines for a person. */
  text(): string;
}

/** What a command works with: its arguments, its ledger, and where its words go. */
export class Shell {
  readonly terminal: Terminal;
  readonly arguments: Arguments;
  /** For the standard output. */
  readonly style: Style;
  /** For the standard error. */
  readonly noteStyle: Style;
  readonly format: 'json' | 'csv' | 'text';
  readonly #hidden = new Set<string>();
  /** A question was answered with no: nothing was changed. */
  declined = false;
  #books: Books | undefined;

  constructor(terminal: Terminal, given: Arguments) {
    this.terminal = terminal;
    this.arguments = given;
    const noColor = given.has('no-color');
    this.style = styleFor(terminal, terminal.outputIsTerminal, noColor);
    this.noteStyle = styleFor(terminal, terminal.errorIsTerminal, noColor);
    if (given.has('json') && given.has('csv')) {
      throw new NanocentError('field_invalid', '--json and --csv exclude each other', {
        field: '--csv',
        fix: 'leave one of them out',
      });
    }
    this.format = given.has('json') ? 'json' : given.has('csv') ? 'csv' : 'text';
  }

  get quiet(): boolean {
    return this.arguments.has('quiet');
  }

  /**
   * The ledger that options and environment name, opened once. `existing` refuses to make one where there is none.
   */
  async books(needs: { readonly existing?: boolean } = {}): Promise<Books> {
    if (this.#books) return this.#books;
    const { openLedger } = await import('./open-ledger.ts');
    this.#books = await openLedger(this, needs);
    return this.#books;
  }

  async report(report: Report): Promise<void> {
    if (this.format === 'json') return this.terminal.out(`${JSON.stringify(report.json())}\n`);
    if (this.format === 'text') {
      this.terminal.out(report.text());
      const hidden = wrap(`no room for ${[...this.#hidden].join(', ')}`, this.terminal.columns);
      if (this.#hidden.size > 0) this.note(this.noteStyle.dim(hidden.join('\n')));
      return;
    }
    if (!report.csv) {
      throw new NanocentError('field_invalid', 'there is no CSV of this', {
        field: '--csv',
        fix: 'use --json',
      });
    }
    const { renderCsv } = await import('./csv.ts');
    const { columns, rows } = report.csv();
    this.terminal.out(renderCsv(columns, rows));
  }

  /** Columns that a table had to leave out. */
  noRoomFor(titles: readonly string[]): void {
    for (const title of titles) this.#hidden.add(title);
  }

  /** A line for a person on the standard error; nothing with --quiet. */
  note(text: string): void {
    if (!this.quiet) this.terminal.err(`${text}\n`);
  }

  async close(): Promise<void> {
    await this.#books?.close();
  }
}
