import { userInfo } from 'node:os';
import type { Command } from './command.ts';
import { globalOptions } from './options.ts';
import type { Shell } from './shell.ts';

/** Who changed what, in the audit log: the operating system's user, and the command as it was given. */
export async function auditCommand(shell: Shell, command: Command): Promise<void> {
  const books = await shell.books();
  await books.audit.logEvent({
    type: 'command',
    app: 'nanocent',
    username: operator(),
    promptText: commandLine(shell, command),
  });
}

function operator(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an account, as in some containers.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** Without the global options: an address may hold a password. */
function commandLine({ arguments: given }: Shell, { name }: Command): string {
  const global = new Set(globalOptions.map((option) => option.name));
  const parts = given.sequence
    .filter(({ option }) => option === null || !global.has(option))
    .map(({ option, value }) =>
      [option === null ? '' : `--${option}`, quoted(value)].filter(Boolean).join(' '),
    );
  return [name, ...parts].join(' ');
}

function quoted(value: string): string {
  return /^[\w.:=@/+-]*$/.test(value) ? value : JSON.stringify(value);
}
