import { openLedger } from '../../src/core/ledger.ts';
import type { Store } from '../../src/store/port.ts';
import type { FakeClock } from '../../src/testing/fake-clock.ts';
import { openOurs } from '../../src/testing/interleavings.ts';
import { InterleavedStore } from '../../src/testing/interleavings-store.ts';
import {
  applicationClock,
  cancelIsZero,
  clampAtReserve,
  keyWithoutBody,
  noUniqueKey,
  numberMoney,
  renewalWithoutFence,
  throwBeforeCommit,
  zeroingReset,
} from './broken-machines.ts';
import {
  CheckThenAct,
  IgnoredRowCount,
  opening,
  retryWithNewId,
  SettleInTwo,
  SwallowedError,
  UnsortedLocks,
} from './broken-stores.ts';
import { memoryStore, type Proved, type SuiteName } from './suites.ts';

/** A ledger that is ours but for one thing, and the suite that must see it. */
export interface BrokenLedger extends Proved {
  readonly name: string;
  readonly seenBy: SuiteName;
  /** A part of what that suite says about it. */
  readonly says: RegExp;
}

/** One more, a file that is not flushed at commit, needs a power cut: test/alone. */
export const brokenLedgers: readonly BrokenLedger[] = [
  process('check then act', opening(CheckThenAct), 'every order', /two reserves over one limit, order \d+/),
  process('settle in two transactions', opening(SettleInTwo), 'interleavings', /is the sum of its lines/),
  machine('settle clamped at what was reserved', clampAtReserve, 'stories', /settle .* overrun=/),
  machine('throws before it commits', throwBeforeCommit, 'stories', /the reservation was exceeded/),
  machine('cancelled is zero', cancelIsZero, 'stories', /row \d+/),
  machine('no unique key', noUniqueKey, 'stories', /replayed r/),
  machine('key without the body', keyWithoutBody, 'stories', /failed idempotency_conflict/),
  machine('money in Number', numberMoney, 'numbers', /user-\d+/),
  machine('the clock of the application', applicationClock, 'clock jumps', /moment \d+/),
  machine('a reset that zeroes', zeroingReset, 'stories', /a settle in a later window/),
  process('row count ignored', opening(IgnoredRowCount), 'interleavings', /is the sum of its lines/),
  process('retry under a new id', retryWithNewId, 'interleavings', /one call/),
  machine('renewal without fencing', renewalWithoutFence, 'stories', /failed reservation_not_owned/),
  process('locks in any order', opening(UnsortedLocks), 'interleavings', /deadlock/),
  process(
    'error at commit swallowed',
    opening(SwallowedError),
    'interleavings',
    /told to be (booked|settled)/,
  ),
];

/** One that is broken between processes. */
function process(
  name: string,
  openProcess: Proved['openProcess'],
  seenBy: SuiteName,
  says: RegExp,
): BrokenLedger {
  return { name, seenBy, says, openStore: memoryStore, openProcess };
}

/** One whose rules are broken, on any store. */
function machine(
  name: string,
  breaks: (store: Store, clock: FakeClock) => Store,
  seenBy: SuiteName,
  says: RegExp,
): BrokenLedger {
  const openStore = (clock: FakeClock) => breaks(memoryStore(clock), clock);
  return { name, seenBy, says, openStore, openProcess: openOurs };
}

/** Ours, as the suites want it. */
export const ours: Proved = {
  openStore: memoryStore,
  openProcess: (place, process) => openLedger(InterleavedStore.open(place, process)),
};
