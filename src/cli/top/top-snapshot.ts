import type { Books } from '../../books/books.ts';
import { decodeDraft } from '../../core/booked-entry.ts';
import type { Reservation } from '../../ledger/reservation.ts';
import type { LimitState } from '../../reports/limit-states.ts';
import { emptyTotals } from '../../reports/period-stats.ts';
import type { Entry } from '../../store/entry.ts';
import type { Totals } from '../../store/query.ts';
import { periodOf } from '../../time/index.ts';

/** The latest calls that can be scrolled through. */
export const callsShownMax = 500;
/** Open holds that are looked at; more are said to be more. */
export const holdsShownMax = 200;

/** Everything on the screen, as of one instant. */
export interface TopSnapshot {
  readonly at: number;
  readonly zone: string;
  /** Where the ledger is, for showing. */
  readonly location: string;
  /** Newest first. */
  readonly calls: readonly Entry[];
  readonly minute: Totals;
  readonly hour: Totals;
  readonly today: Totals;
  /** Oldest first. */
  readonly holds: readonly OpenHold[];
  readonly hasMoreHolds: boolean;
  readonly limits: readonly LimitState[];
}

export interface OpenHold {
  readonly since: number;
  readonly expiresAt: number;
  /** Not yet captured; null where no money is held. */
  readonly nanocents: bigint | null;
  readonly model: string | null;
  readonly username: string | null;
}

const minuteMs = 60_000;

export async function topSnapshot(books: Books, location: string): Promise<TopSnapshot> {
  const { reads, context } = books;
  const at = context.clock.now();
  const today = periodOf('daily', at, context.zone);
  const sums = async (from: number) => {
    const [totals] = await reads.totals({ from, to: at + 1, filter: {}, by: [] });
    return totals ?? emptyTotals;
  };
  const [page, minute, hour, ofToday, open, limits] = await Promise.all([
    reads.entries({ filter: {}, from: null, to: null, limit: callsShownMax }),
    sums(at - minuteMs),
    sums(at - 60 * minuteMs),
    sums(today.start),
    reads.openReservations(holdsShownMax + 1),
    books.limitStates(),
  ]);
  return {
    at,
    zone: context.zone,
    location,
    calls: page.entries,
    minute,
    hour,
    today: ofToday,
    holds: open.slice(0, holdsShownMax).map(holdOf),
    hasMoreHolds: open.length > holdsShownMax,
    limits,
  };
}

function holdOf(reservation: Reservation): OpenHold {
  const entry = reservation.draft === null ? null : decodeDraft(reservation.draft).entry;
  return {
    since: reservation.createdAt,
    expiresAt: reservation.expiresAt,
    nanocents: reservation.held.cost ?? null,
    model: entry?.model ?? null,
    username: entry?.username ?? null,
  };
}
