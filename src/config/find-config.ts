import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { NanocentError } from '../errors/error.ts';

/** Names that are looked for in the working folder. */
export const configNames = ['ts', 'mts', 'js', 'mjs', 'yaml', 'yml', 'json'].map(
  (extension) => `nanocent.config.${extension}`,
);

/**
 * The configuration that is named, else NANOCENT_CONFIG, else the one in the working folder; null where there is none. Throws
 * config_invalid where the folder has two.
 */
export function findConfig(
  named: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  folder: string,
): string | null {
  const wanted = named ?? (environment.NANOCENT_CONFIG || undefined);
  if (wanted !== undefined) return resolve(folder, wanted);
  const [first, second] = configNames.filter((name) => existsSync(join(folder, name)));
  if (first === undefined) return null;
  if (second === undefined) return join(folder, first);
  throw new NanocentError('config_invalid', `${folder} has both ${first} and ${second}`, {
    field: 'config',
    fix: 'keep one of them, or name one with --config',
  });
}
