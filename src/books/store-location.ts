import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NanocentError } from '../errors/error.ts';
import type { Store } from '../store/port.ts';
import { addressOf, type PostgresAddress } from '../store/postgres/address.ts';

export type StoreLocation =
  | { readonly engine: 'memory' }
  /** A program's own, open already. */
  | { readonly engine: 'own'; readonly store: Store }
  | { readonly engine: 'sqlite'; readonly file: string; readonly createFolder: boolean }
  | { readonly engine: 'postgres'; readonly at: PostgresAddress };

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Which ledger a name means: a file, a URL, `memory`, the parts of a PostgreSQL address; without a name the environment, then the
 * usual places.
 */
export function locateStore(
  name: string | PostgresAddress | Store | undefined,
  environment: Environment,
  folder: string,
): StoreLocation {
  if (typeof name === 'object')
    return 'transact' in name ? { engine: 'own', store: name } : { engine: 'postgres', at: name };
  const wanted = name ?? environment.NANOCENT_DB_URL ?? environment.NANOCENT_DB_FILE;
  if (wanted === undefined || wanted === '') return usualPlace(environment, folder);
  if (wanted === 'memory') return { engine: 'memory' };
  const scheme = /^([a-z][a-z0-9+]+):/i.exec(wanted)?.[1]?.toLowerCase();
  if (scheme === undefined || scheme.length === 1) return file(resolve(folder, wanted));
  if (scheme === 'file') return file(fileURLToPath(wanted));
  if (scheme === 'sqlite') return file(resolve(folder, wanted.replace(/^sqlite:(\/\/)?/i, '')));
  if (scheme === 'postgresql' || scheme === 'postgres') return { engine: 'postgres', at: addressOf(wanted) };
  throw new NanocentError('config_invalid', `ledgers are not kept at ${scheme}: URLs`, {
    field: 'store',
    fix: 'give a file name, or a URL that begins with postgresql:',
  });
}

/** `./nanocent.sqlite` if there is one, else the user's data directory. */
function usualPlace(environment: Environment, folder: string): StoreLocation {
  const here = join(folder, 'nanocent.sqlite');
  if (existsSync(here)) return file(here);
  return {
    engine: 'sqlite',
    file: join(dataFolder(environment), 'nanocent', 'nanocent.sqlite'),
    createFolder: true,
  };
}

/** Where programs keep a user's data, by the custom of each system. */
export function dataFolder(environment: Environment): string {
  if (process.platform === 'win32') return environment.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support');
  return environment.XDG_DATA_HOME ?? join(homedir(), '.local', 'share');
}

function file(path: string): StoreLocation {
  return { engine: 'sqlite', file: path, createFolder: false };
}
