import { writeSync } from 'node:fs';
import type { ReadStream, WriteStream } from 'node:tty';

/** Another screen, no cursor, no wrapped lines; and all of it back. */
const enter = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const leave = '\u001b[?7h\u001b[?25h\u001b[?1049l';
/** Terminals that know these show the whole frame at once; the others ignore them. */
const frameStart = '\u001b[?2026h\u001b[H';
const frameEnd = '\u001b[J\u001b[?2026l';

/** Its descriptor: streams may write later, and an exiting process has no later. */
const standardOutput = 1;

const endings = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;

/** A terminal taken over for a while: whatever ends the process, it is given back as it was. */
export class LiveScreen {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #onKeys: (sent: string) => void;
  readonly #onResize: () => void;
  #taken = false;

  constructor(on: {
    readonly input: ReadStream;
    readonly output: WriteStream;
    readonly keys: (sent: string) => void;
    readonly resize: () => void;
  }) {
    this.#input = on.input;
    this.#output = on.output;
    this.#onResize = on.resize;
    this.#onKeys = (sent) => (sent === '\u001a' ? this.#suspend() : on.keys(sent));
  }

  open(): void {
    for (const signal of endings) process.on(signal, this.#onSignal);
    process.on('SIGCONT', this.#onContinue);
    // Last of all, also after an error that nobody caught.
    process.on('exit', this.#restore);
    this.#input.setEncoding('utf8');
    this.#input.on('data', this.#onKeys);
    this.#output.on('resize', this.#onResize);
    this.#take();
  }

  close(): void {
    this.#restore();
    for (const signal of endings) process.off(signal, this.#onSignal);
    process.off('SIGCONT', this.#onContinue);
    process.off('exit', this.#restore);
    this.#input.off('data', this.#onKeys);
    this.#output.off('resize', this.#onResize);
    this.#input.pause();
  }

  get size(): { readonly columns: number; readonly rows: number } {
    return { columns: this.#output.columns || 80, rows: this.#output.rows || 24 };
  }

  draw(lines: readonly string[]): void {
    if (this.#taken)
      this.#output.write(`${frameStart}${lines.map((line) => `\u001b[2K${line}`).join('\r\n')}${frameEnd}`);
  }

  #take(): void {
    this.#input.setRawMode(true);
    this.#input.resume();
    this.#taken = true;
    this.#output.write(enter);
  }

  readonly #restore = (): void => {
    if (!this.#taken) return;
    this.#taken = false;
    try {
      this.#input.setRawMode(false);
      writeSync(standardOutput, leave);
    } catch {
      // The terminal has gone: there is nothing to give back.
    }
  };

  /** Gives the terminal back, and ends as the signal would have ended it. */
  readonly #onSignal = (signal: NodeJS.Signals): void => {
    this.close();
    process.kill(process.pid, signal);
  };

  #suspend(): void {
    this.#restore();
    process.kill(process.pid, 'SIGTSTP');
  }

  readonly #onContinue = (): void => {
    if (!this.#taken) this.#take();
    this.#onResize();
  };
}
