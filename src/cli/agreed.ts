import { NanocentError } from '../errors/error.ts';
import type { Shell } from './shell.ts';

/** Throws field_missing where --yes is missing and nobody can be asked: `undone` says what did not happen. */
export function assertAskable({ terminal, arguments: given }: Shell, undone: string): void {
  if (given.has('yes') || (terminal.inputIsTerminal && terminal.errorIsTerminal)) return;
  throw new NanocentError('field_missing', `nobody can be asked here, and --yes is missing: ${undone}`, {
    field: '--yes',
    fix: 'say --yes',
  });
}

/** True with --yes, or after a yes. */
export async function agreed(shell: Shell, question: string): Promise<boolean> {
  if (shell.arguments.has('yes')) return true;
  shell.declined = !/^y(es)?$/i.test((await shell.terminal.ask(`${question} [y/N] `)).trim());
  return !shell.declined;
}
