import { configurationSchema } from '../../config/json-schema.ts';
import type { Shell } from '../shell.ts';

export async function run(shell: Shell): Promise<undefined> {
  shell.terminal.out(`${JSON.stringify(configurationSchema(), null, 2)}\n`);
}
