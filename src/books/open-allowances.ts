import type { LoadedConfig } from '../config/read-config-file.ts';
import type { AllowanceInput } from '../limits/allowance.ts';
import { parseAllowances } from '../limits/parse-allowances.ts';

/** Stands for the file of allowances that a program says. */
const byOption = 'openBooks({ allowances })';

/**
 * The allowances that were written down, by the program or else in the configuration, and where; null where nowhere. A configuration
 * without any ends those that it had. Throws config_invalid, naming the key.
 */
export function findAllowances(options: {
  readonly allowances: readonly object[] | undefined;
  readonly config: LoadedConfig | null;
}): { readonly inputs: readonly AllowanceInput[]; readonly file: string } | null {
  const { allowances, config } = options;
  if (allowances !== undefined) return { inputs: parseAllowances(allowances), file: byOption };
  if (config === null) return null;
  return { inputs: parseAllowances(config.roots.allowances ?? []), file: config.name };
}
