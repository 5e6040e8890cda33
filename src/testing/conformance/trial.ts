import type { Ids } from '../../core/context.ts';
import type { LedgerService } from '../../core/ledger.ts';
import type { Store } from '../../store/port.ts';
import type { FakeClock } from '../fake-clock.ts';

/** One new, empty ledger in the store that is to be proved. */
export interface StoreOnTrial {
  readonly store: Store;
  /** A second connection to the same ledger, as another process would have. */
  readonly another?: () => Promise<Store>;
  /** Opens the same ledger again after everything was closed. */
  readonly reopen?: () => Promise<Store>;
  /** Ways to change what is stored behind the ledger's back, each of which `verify` must see. */
  readonly tampering?: readonly { readonly name: string; readonly apply: () => Promise<void> | void }[];
  /** Frees what the trial took: files, schemas. */
  readonly end?: () => Promise<void> | void;
}

/** What a trial is played on. */
export interface Bench {
  readonly ledger: LedgerService;
  readonly subject: StoreOnTrial;
  readonly clock: FakeClock;
  readonly ids: Ids;
}

/** One thing that a store must prove. */
export interface Trial {
  readonly name: string;
  readonly play: (bench: Bench) => Promise<void>;
}
