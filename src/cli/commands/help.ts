import { NanocentError } from '../../errors/error.ts';
import { commands } from '../command-table.ts';
import { renderHelp, renderOverview } from '../help.ts';
import { nearest } from '../nearest.ts';
import type { Shell } from '../shell.ts';
import { visible } from '../text.ts';

export async function run(shell: Shell): Promise<undefined> {
  const { terminal, arguments: given } = shell;
  const noColor = given.has('no-color');
  const name = given.operands.join(' ');
  if (name === '') {
    terminal.out(renderOverview(terminal, noColor));
    return undefined;
  }
  const found = commands.filter((command) => command.name === name || command.name.startsWith(`${name} `));
  if (found.length === 0) {
    const near = nearest(
      name,
      commands.map((command) => command.name),
    );
    throw new NanocentError('command_unknown', `there is no command ${visible(name)}`, {
      field: 'command',
      fix: near ? `did you mean ${near}?` : 'see nanocent help',
    });
  }
  terminal.out(found.map((command) => renderHelp(command, terminal, noColor)).join('\n'));
  return undefined;
}
