import type { NanocentConfig } from './config.ts';
import { findConfig } from './find-config.ts';
import type { LoadedConfig } from './read-config-file.ts';

export interface LoadConfigOptions {
  /** A file, the settings themselves, or false: none at all. */
  readonly config?: string | NanocentConfig | false | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The working folder. */
  readonly folder: string;
}

/** The configuration that holds here; null where there is none, and then nothing is loaded for it. */
export async function loadConfig({
  config,
  environment,
  folder,
}: LoadConfigOptions): Promise<LoadedConfig | null> {
  if (config === false) return null;
  const file = typeof config === 'object' ? null : findConfig(config, environment, folder);
  if (file === null && typeof config !== 'object') return null;
  const { checkConfig, readConfigFile } = await import('./read-config-file.ts');
  return file === null ? checkConfig(config, folder) : readConfigFile(file);
}
