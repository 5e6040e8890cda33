import type { Shell } from './shell.ts';

/** One option, from which parsing, help, completions and the manual are made. */
export interface OptionSpec {
  /** Without the dashes. */
  readonly name: string;
  /** Other spellings, accepted and not shown. */
  readonly also?: readonly string[];
  /** One letter. */
  readonly short?: string;
  /** What stands for its value in help; an option without one is a switch. */
  readonly value?: string;
  readonly about: string;
  /** The only values it takes, in any case of letters. */
  readonly choices?: readonly string[];
  /** May be given several times. */
  readonly multiple?: true;
}

export interface Command {
  /** One word, or two: `limits set`. */
  readonly name: string;
  /** One line, without a full stop. */
  readonly about: string;
  /** What follows the options, as in help: `ID`, `FILE|-`, `[-]`. */
  readonly operands?: { readonly show: string; readonly min: number; readonly max: number };
  readonly options: readonly OptionSpec[];
  /** Paragraphs after the options. */
  readonly notes?: readonly string[];
  readonly examples: readonly string[];
  /** Changes rules or deletes: it is written to the audit log, with the operating system's user. */
  readonly changes?: true;
  /** Loads what the command needs, when it is asked for. */
  load(): Promise<CommandModule>;
}

export interface CommandModule {
  /** Returns its exit code; 0 when it returns none. */
  run(shell: Shell): Promise<number | undefined>;
}
