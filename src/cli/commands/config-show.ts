import { shownRoots } from '../../config/shown.ts';
import { configOrFail } from '../open-config.ts';
import type { Shell } from '../shell.ts';
import { visible } from '../text.ts';

export async function run(shell: Shell): Promise<undefined> {
  const { file, roots } = await configOrFail(shell);
  const shown = shownRoots(roots);
  await shell.report({
    json: () => ({ schema: 'nanocent.config/1', file, configuration: shown }),
    text: () => `${JSON.stringify(shown, null, 2).split('\n').map(visible).join('\n')}\n`,
  });
}
