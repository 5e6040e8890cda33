import type { Catalog } from '../prices/catalog.ts';
import type { Clock } from '../time/clock.ts';
import type { Accountants } from './accountants.ts';
import type { ObserveCall } from './call-observer.ts';
import type { Directory } from './directory.ts';
import type { LedgerService } from './ledger.ts';
import type { ReservationRules } from './reservation-rules.ts';
import type { Run } from './run.ts';
import type { Spool } from './spool.ts';

/** Where ids and salts come from: randomness is an effect and comes in from the doors. */
export interface Ids {
  /** UUIDv7 text; later calls sort after earlier ones of the same process. */
  uuid(): string;
  /** 16 random bytes as hex. */
  salt(): string;
}

/** What the money path stands on, handed to everything that writes. */
export interface Context {
  readonly ledger: LedgerService;
  /** Who may not make calls, or is not known. */
  readonly directory?: Directory;
  /** Asked after the ledger in every reserve; null where there are none. */
  readonly accountants?: Accountants | null;
  readonly catalog: Catalog;
  /** What a model without a price meets where a cost limit covers its call: it is not made (when left out), or it is. */
  readonly unpriced?: 'refuse' | 'allow';
  /** How much is set aside where a call does not say; worst case and 50 cents when left out. */
  readonly reservations?: ReservationRules;
  /** Models to try in the place of a refused one, by its name, in order. Only for calls that ask for it. */
  readonly fallbackModels?: Readonly<Record<string, readonly string[]>>;
  /** Takes what ended while the store was away; null where nothing outlives the process. */
  readonly spool?: Spool | null;
  /** The run that the caller is in, whose cap holds for everything done inside. */
  readonly currentRun?: () => Run | null;
  /** Reads along with calls, for the logs. */
  readonly observe?: ObserveCall;
  readonly clock: Clock;
  readonly ids: Ids;
  /** IANA zone of timestamps without one, and of report days. */
  readonly zone: string;
}
