import { join } from 'node:path';
import { Spool, type SpoolBounds } from '../core/spool.ts';
import { dataFolder, type Environment, type StoreLocation } from './store-location.ts';

export interface OpenSpoolOptions {
  readonly location: StoreLocation;
  readonly ledgerId: string;
  readonly environment: Environment;
  readonly bounds?: Partial<SpoolBounds> | undefined;
}

/** Beside an SQLite file; else in the user's data folder, by ledger. None for books that end with the process. */
export function openSpool({ location, ledgerId, environment, bounds }: OpenSpoolOptions): Spool | null {
  const folder = spoolFolder(location, ledgerId, environment);
  if (folder === null) return null;
  return new Spool({ folder, ledgerId, now: () => Date.now(), ...(bounds && { bounds }) });
}

function spoolFolder(location: StoreLocation, ledgerId: string, environment: Environment): string | null {
  switch (location.engine) {
    case 'memory':
      return null;
    case 'sqlite':
      return `${location.file}.spool`;
    default:
      return join(dataFolder(environment), 'nanocent', 'spool', ledgerId);
  }
}
