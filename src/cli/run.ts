import { NanocentError } from '../errors/error.ts';
import { nearest } from '../errors/nearest.ts';
import { findCommandWord, parseArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { commands } from './command-table.ts';
import { exitCodeOf, exitCodes } from './exit-code.ts';
import { printFailure } from './failure.ts';
import { Shell } from './shell.ts';
import type { Terminal } from './terminal.ts';
import { visible } from './text.ts';

/** Runs one command line and returns its exit code; never throws. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  let command: Command | undefined;
  try {
    const chosen = chooseCommand(args);
    command = chosen.command;
    return await runCommand(command, chosen.rest, terminal);
  } catch (error) {
    printFailure(terminal, error, args, command);
    return exitCodeOf(error);
  }
}

async function runCommand(command: Command, rest: readonly string[], terminal: Terminal): Promise<number> {
  if (rest.includes('--help') || rest.includes('-h')) {
    const { renderHelp } = await import('./help.ts');
    terminal.out(renderHelp(command, terminal, rest.includes('--no-color')));
    return exitCodes.done;
  }
  const shell = new Shell(terminal, parseArguments(rest, command));
  const { run } = await command.load();
  try {
    const code = (await run(shell)) ?? exitCodes.done;
    if (command.changes && code === exitCodes.done && !shell.declined) {
      const { auditCommand } = await import('./audit-command.ts');
      await auditCommand(shell, command);
    }
    return code;
  } finally {
    await shell.close();
  }
}

/** The command named by one or two words, with everything else that stood on the line. */
function chooseCommand(args: readonly string[]): { command: Command; rest: readonly string[] } {
  const at = findCommandWord(args);
  if (at === -1)
    return { command: byName('help'), rest: args.filter((arg) => arg !== '--help' && arg !== '-h') };
  const word = args[at]!;
  const rest = [...args.slice(0, at), ...args.slice(at + 1)];
  const family = commands.filter(({ name }) => name.startsWith(`${word} `));
  if (family.length === 0) {
    const command = commands.find(({ name }) => name === word);
    if (command) return { command, rest };
    throw unknown(
      word,
      commands.map(({ name }) => name.split(' ')[0]!),
      'nanocent help',
    );
  }
  const second = args[at + 1];
  const command = family.find(({ name }) => name === `${word} ${second}`);
  if (command) return { command, rest: [...args.slice(0, at), ...args.slice(at + 2)] };
  const wantsHelp = second === undefined || second.startsWith('-');
  if (wantsHelp)
    return { command: byName('help'), rest: [...rest.filter((arg) => arg === '--no-color'), word] };
  throw unknown(
    `${word} ${second}`,
    family.map(({ name }) => name),
    `nanocent help ${word}`,
  );
}

function byName(name: string): Command {
  return commands.find((command) => command.name === name)!;
}

function unknown(word: string, known: readonly string[], help: string): NanocentError {
  const near = nearest(word, new Set(known));
  return new NanocentError('command_unknown', `there is no command ${visible(word)}`, {
    field: 'command',
    fix: near ? `did you mean ${near}?` : `see ${help}`,
  });
}
