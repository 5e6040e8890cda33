import type { LoadedConfig } from '../config/read-config-file.ts';
import { configuredOptions, locateConfigured } from './configured-options.ts';
import { openConfigured } from './open-books.ts';
import { Settings } from './settings.ts';
import type { Environment } from './store-location.ts';

/** What a configuration comes to. */
export interface CheckedConfiguration {
  readonly providers: readonly string[];
  readonly limits: number;
  readonly allowances: number;
  readonly accountants: number;
  readonly priceSources: number;
}

/** Does everything that opening books does with a configuration, on a ledger in memory. Throws what that would throw. */
export async function checkConfigured(
  config: LoadedConfig,
  environment: Environment,
): Promise<CheckedConfiguration> {
  const settings = new Settings(config, environment);
  configuredOptions({}, config, settings);
  locateConfigured(undefined, config, environment);
  settings.purposes();
  const providers = settings.providers().map(({ name }) => name);
  const options = { store: 'memory', environment, background: false, promptLog: false };
  await using books = await openConfigured(options, config);
  const { accountants, prices } = config.roots;
  return {
    providers,
    limits: books.limits.synced?.count ?? 0,
    allowances: (await books.allowances.list()).length,
    accountants: accountants?.length ?? 0,
    priceSources: prices?.sources?.length ?? 0,
  };
}
