/**
 * `nanocent/store/memory`: everything in Maps, for tests and throw-away runs; and what a store of your own needs: the port that it
 * implements, and the plainest reading of each query (docs/stores-of-your-own.md).
 */
export type { Account } from '../../ledger/account.ts';
export { type ChainHead, decodeLine, genesisHash, type LineRef, type Link } from '../../ledger/journal.ts';
export { entryIn } from '../entry-columns.ts';
export type { LogStore } from '../log.ts';
export type {
  Head,
  Held,
  IdempotencyRow,
  LedgerFacts,
  Machine,
  Names,
  Plan,
  Store,
  Touches,
} from '../port.ts';
export type { Task } from '../task.ts';
export { MemoryDirectory } from './memory-directory.ts';
export { backfillRows, entriesPage, tasksOf, totalsOf } from './memory-reads.ts';
export { type MemoryOptions, openMemory } from './memory-store.ts';
