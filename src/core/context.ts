import type { Catalog } from '../prices/catalog.ts';
import type { Clock } from '../time/clock.ts';
import type { LedgerService } from './ledger.ts';

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
  readonly catalog: Catalog;
  /** What a model without a price meets where a cost limit covers its call: it is not made (when left out), or it is. */
  readonly unpriced?: 'refuse' | 'allow';
  readonly clock: Clock;
  readonly ids: Ids;
  /** IANA zone of timestamps without one, and of report days. */
  readonly zone: string;
}
