import { NanocentError } from '../../errors/error.ts';
import { nearest } from '../../errors/nearest.ts';
import { commands } from '../command-table.ts';
import { renderFamily, renderHelp, renderOverview } from '../help.ts';
import type { Shell } from '../shell.ts';
import { visible } from '../text.ts';

export async function run(shell: Shell): Promise<undefined> {
  const { terminal, arguments: given } = shell;
  const noColor = given.has('no-color');
  const name = given.operands.join(' ');
  const command = commands.find((one) => one.name === name);
  const family = commands.filter((one) => one.name.startsWith(`${name} `));
  if (name === '') terminal.out(renderOverview(terminal, noColor));
  else if (command) terminal.out(renderHelp(command, terminal, noColor));
  else if (family.length > 0) terminal.out(renderFamily(name, family, terminal, noColor));
  else throw unknown(name);
  return undefined;
}

function unknown(name: string): NanocentError {
  const near = nearest(
    name,
    commands.map((command) => command.name),
  );
  return new NanocentError('command_unknown', `there is no command ${visible(name)}`, {
    field: 'command',
    fix: near ? `did you mean ${near}?` : 'see nanocent help',
  });
}
