import { NanocentError } from '../../errors/error.ts';
import { completionScripts } from '../completions.ts';
import type { Shell } from '../shell.ts';
import { visible } from '../text.ts';

export async function run(shell: Shell): Promise<undefined> {
  const [name = ''] = shell.arguments.operands;
  const script = Object.hasOwn(completionScripts, name) ? completionScripts[name] : undefined;
  if (!script) {
    throw new NanocentError('field_invalid', `there are no completions for ${visible(name)}`, {
      field: 'shell',
      fix: `use ${Object.keys(completionScripts).join(', ')}`,
    });
  }
  shell.terminal.out(script());
  return undefined;
}
