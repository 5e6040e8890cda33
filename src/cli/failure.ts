import { NanocentError } from '../errors/error.ts';
import type { Command } from './command.ts';
import { plainStyle, type Style, styleFor } from './style.ts';
import type { Terminal } from './terminal.ts';
import { visible, wrap } from './text.ts';

/** Says what went wrong and what to do, on the standard error; as a JSON document with --json. */
export function printFailure(
  terminal: Terminal,
  error: unknown,
  args: readonly string[],
  command?: Command,
): void {
  const said = NanocentError.is(error) ? asWritten(error, command) : error;
  if (args.includes('--json')) {
    terminal.err(`${JSON.stringify(failureDocument(said))}\n`);
    return;
  }
  const colours = !args.includes('--no-color');
  const style = colours ? styleFor(terminal, terminal.errorIsTerminal, false) : plainStyle;
  if (!NanocentError.is(said)) {
    const stack = said instanceof Error ? (said.stack ?? said.message) : String(said);
    terminal.err(`${style.red('nanocent:')} unexpected: ${stack}\n`);
    terminal.err('  fix: this is a defect in Nanocent; please report it with the lines above\n');
    return;
  }
  printComplaint(terminal, style, said.message);
  const indent = ' '.repeat('  fix: '.length);
  if (said.fix) terminal.err(`  ${style.bold('fix:')} ${hanging(sentence(said.fix), indent, terminal)}\n`);
}

/** `nanocent: …`, in as many lines as it takes. */
export function printComplaint(terminal: Terminal, style: Style, message: string): void {
  const indent = ' '.repeat('nanocent: '.length);
  terminal.err(`${style.red('nanocent:')} ${hanging(sentence(message), indent, terminal)}\n`);
}

export function failureDocument(error: unknown): object {
  const schema = 'nanocent.error/1';
  if (!NanocentError.is(error)) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      schema,
      error: { code: 'unexpected', kind: 'unexpected', message, field: null, fix: null, data: {} },
    };
  }
  const { code, kind, message, field = null, fix = null, data } = error;
  return { schema, error: { code, kind, message, field, fix, data } };
}

/** The library speaks of `promptTokens` where the command line was given `--prompt-tokens`. */
function asWritten(error: NanocentError, command: Command | undefined): NanocentError {
  const names = (command?.options ?? []).map(({ name }) => name).filter((name) => name.includes('-'));
  if (names.length === 0) return error;
  const spelled = (text: string) =>
    names.reduce(
      (result, name) => result.replace(new RegExp(`(?<![\\w-])${camelCase(name)}\\b`, 'g'), `--${name}`),
      text,
    );
  return new NanocentError(error.code, spelled(error.message), {
    ...(error.field === undefined ? {} : { field: spelled(error.field) }),
    ...(error.fix === undefined ? {} : { fix: spelled(error.fix) }),
    data: error.data,
    cause: error.cause,
  });
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Broken at words on a terminal, further lines below the first one's beginning. */
function hanging(text: string, indent: string, terminal: Terminal): string {
  if (!terminal.errorIsTerminal || terminal.columns < 2 * indent.length) return text;
  return wrap(text, terminal.columns - indent.length).join(`\n${indent}`);
}

/** One line without the full stop that some messages end with. */
function sentence(text: string): string {
  return visible(text).replace(/(?<!\.)\.$/, '');
}
