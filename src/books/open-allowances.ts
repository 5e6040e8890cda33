import { resolve } from 'node:path';
import type { AllowanceInput } from '../limits/allowance.ts';
import { parseAllowances } from '../limits/parse-allowances.ts';
import type { Environment } from './store-location.ts';

/** Stands for the file of allowances that a program says. */
const byOption = 'openBooks({ allowances })';

/**
 * The allowances that were written down, by the program or else in the configuration, and where; null where nowhere. A configuration
 * without any ends those that it had. Throws config_invalid, naming the key.
 */
export async function findAllowances(options: {
  readonly allowances: readonly object[] | undefined;
  readonly config: string | undefined;
  readonly environment: Environment;
}): Promise<{ readonly inputs: readonly AllowanceInput[]; readonly file: string } | null> {
  if (options.allowances !== undefined)
    return { inputs: parseAllowances(options.allowances), file: byOption };
  const config = options.config ?? (options.environment.NANOCENT_CONFIG || undefined);
  if (config === undefined) return null;
  const { readConfigFile } = await import('../config/read-config-file.ts');
  const file = resolve(config);
  const { roots } = await readConfigFile(file);
  return { inputs: parseAllowances(roots.allowances ?? []), file };
}
