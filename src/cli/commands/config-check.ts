import { checkConfigured } from '../../books/check-configured.ts';
import { configOrFail } from '../open-config.ts';
import type { Shell } from '../shell.ts';
import { shown } from '../shown-path.ts';
import { counted, visible } from '../text.ts';

export async function run(shell: Shell): Promise<undefined> {
  const config = await configOrFail(shell);
  const found = await checkConfigured(config, shell.terminal.environment);
  const { file, warnings } = config;
  await shell.report({
    json: () => ({ schema: 'nanocent.configCheck/1', file, ...found, warnings }),
    text: () => {
      const many = [
        counted(found.providers.length, 'provider'),
        counted(found.limits, 'limit'),
        counted(found.allowances, 'allowance'),
        counted(found.accountants, 'accountant'),
        counted(found.priceSources, 'price source'),
      ];
      return `${shell.style.green('ok')}  ${visible(shown(file!))}: ${many.join(', ')}\n`;
    },
  });
}
