import { resolve } from 'node:path';
import type { PromptLogConfig } from '../config/config.ts';
import type { LoadedConfig } from '../config/read-config-file.ts';
import { readSecret } from '../config/secrets.ts';
import { NanocentError } from '../errors/error.ts';
import type { AlertOptions, OnAlert } from './deliveries.ts';
import type { OpenBooksOptions } from './open-books.ts';
import type { PromptLogOptions } from './open-logs.ts';
import type { Settings } from './settings.ts';
import { type Environment, locateStore, type StoreLocation } from './store-location.ts';

/** The options, and what the configuration says where they say nothing. Throws config_invalid for a secret that is not there. */
export function configuredOptions(
  options: OpenBooksOptions,
  loaded: LoadedConfig | null,
  settings: Settings,
): OpenBooksOptions {
  if (loaded === null) return options;
  const {
    zone,
    unpriced,
    reservations,
    fallbackModels,
    accountantTimeoutMs,
    audit,
    promptLog,
    enforceProjects,
    enforceUsers,
  } = loaded.roots;
  const isTold = options.alerts !== undefined || options.onAlert !== undefined;
  return {
    ...withoutNothing({
      zone,
      unpriced,
      reservations,
      fallbackModels,
      accountantTimeoutMs,
      audit,
      enforceProjects,
      enforceUsers,
    }),
    ...(promptLog === undefined || options.promptLog !== undefined
      ? {}
      : { promptLog: promptLogOf(promptLog, loaded, settings) }),
    ...(isTold ? {} : alertsOf(loaded, settings)),
    ...withoutNothing(options),
  };
}

/** Options go before the environment, and that before the configuration; its files are beside it. */
export function locateConfigured(
  store: OpenBooksOptions['store'],
  loaded: LoadedConfig | null,
  environment: Environment,
): StoreLocation {
  const named = store ?? (environment.NANOCENT_DB_URL || environment.NANOCENT_DB_FILE || undefined);
  const configured = loaded?.roots.store;
  if (named !== undefined || loaded === null || configured === undefined) {
    return locateStore(store, environment, process.cwd());
  }
  const { folder } = loaded;
  const place = typeof configured === 'string' ? configured : fromEnvironment(configured.env, environment);
  return locateStore(place, {}, folder);
}

function fromEnvironment(name: string, environment: Environment): string {
  return readSecret({ env: name }, { name: 'store', folder: '.', environment });
}

function promptLogOf(
  promptLog: PromptLogConfig | boolean,
  { folder }: LoadedConfig,
  settings: Settings,
): PromptLogOptions | boolean {
  if (typeof promptLog === 'boolean') return promptLog;
  const { file, encryptionKey, ...others } = promptLog;
  return {
    ...others,
    ...(file === undefined ? {} : { file: resolve(folder, file) }),
    ...(encryptionKey === undefined
      ? {}
      : { encryptionKey: settings.secret(encryptionKey, 'promptLog.encryptionKey') }),
  };
}

function alertsOf({ roots: { alerts } }: LoadedConfig, settings: Settings) {
  if (alerts === undefined) return {};
  if (typeof alerts === 'function') return { onAlert: alerts as OnAlert };
  for (const key of ['url', 'secret'] as const) {
    if (alerts[key] === undefined) {
      throw new NanocentError('config_invalid', `alerts.${key} is missing`, { field: `alerts.${key}` });
    }
  }
  const told: AlertOptions = { ...alerts, secret: settings.secret(alerts.secret, 'alerts.secret') };
  return { alerts: told };
}

/** Without members that are undefined: they would hide what the configuration says. */
function withoutNothing<Given extends object>(
  given: Given,
): { [Key in keyof Given]: Exclude<Given[Key], undefined> } {
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said) as { [Key in keyof Given]: Exclude<Given[Key], undefined> };
}
