import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Store } from '../store/port.ts';
import type { Clock } from '../time/clock.ts';
import { systemClock } from './ids.ts';
import type { StoreLocation } from './store-location.ts';

export interface OpenStoreOptions {
  readonly clock: Clock;
  /** IANA zone of a new ledger; an existing one keeps its own. */
  readonly zone?: string;
  readonly readOnly?: boolean;
  /** Put our tables into a database that holds other ones. */
  readonly init?: boolean;
}

/** Loads the one engine that a location asks for, and opens it. */
export async function openStore(location: StoreLocation, options: OpenStoreOptions): Promise<Store> {
  if (location.engine === 'own') return location.store;
  if (location.engine === 'memory') {
    const { openMemory } = await import('../store/memory/index.ts');
    return openMemory({ ...options, ledgerId: randomUUID() });
  }
  if (location.engine === 'postgres') {
    const { openPostgres } = await import('../store/postgres/index.ts');
    // Many machines have many clocks: theirs is the server's, unless one is made up for a test.
    const { clock, ...others } = options;
    return openPostgres({ ...others, at: location.at, ...(clock === systemClock ? {} : { clock }) });
  }
  if (location.createFolder) mkdirSync(dirname(location.file), { recursive: true, mode: 0o700 });
  const { openSqlite } = await import('../store/sqlite/index.ts');
  return openSqlite({ ...options, file: location.file });
}
