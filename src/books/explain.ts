import type { StoreReads } from '../core/ledger.ts';
import { NanocentError } from '../errors/error.ts';
import { decodeLine, type JournalLine, type LineRef } from '../ledger/journal.ts';
import type { Reservation } from '../ledger/reservation.ts';
import type { Entry } from '../store/entry.ts';

/** Everything known about one call. */
export interface Explanation {
  /** The row asked for; null when the id is that of a reservation without a row yet. */
  readonly entry: Entry | null;
  /** All rows of the same call, oldest first, the one asked for included. */
  readonly attempts: readonly Entry[];
  readonly reservation: Reservation | null;
  /** Movements of the reservation, or the one that booked the row, oldest first. */
  readonly lines: readonly JournalLine[];
}

/** A reservation with more movements shows its latest. */
const linesMax = 1_000;

/** Explains an entry, a call or a reservation by its id. Throws entry_not_found. */
export async function explain(reads: StoreReads, id: string): Promise<Explanation> {
  const found = await reads.entry(id);
  const callId = found?.entry.callId ?? id;
  const [sameCall, ofReservation, reservation] = await Promise.all([
    reads.entries({ filter: {}, from: null, to: null, callId, limit: 1000 }),
    found ? null : reads.entries({ filter: {}, from: null, to: null, reservationId: id, limit: 1000 }),
    reads.reservation(found?.entry.reservationId ?? id),
  ]);
  const rows = sameCall.entries.length > 0 ? sameCall.entries : (ofReservation?.entries ?? []);
  const attempts = [...rows].reverse();
  const entry = found?.entry ?? attempts[0] ?? null;
  const held = reservation ?? (entry?.reservationId ? await reads.reservation(entry.reservationId) : null);
  if (!entry && !held) {
    throw new NanocentError('entry_not_found', `there is no entry, call or reservation ${id}`, {
      field: 'id',
      fix: 'take an id from tail --json',
    });
  }
  const last = held?.lastLine ?? found?.line ?? (entry ? (await reads.entry(entry.id))?.line : null) ?? null;
  return { entry, attempts, reservation: held, lines: await linesBack(reads, last) };
}

async function linesBack(reads: StoreReads, last: LineRef | null): Promise<JournalLine[]> {
  const lines: JournalLine[] = [];
  for (let at = last; at !== null && lines.length < linesMax; ) {
    const body = await reads.line(at);
    if (body === null) break;
    const line = decodeLine(at.chain, body);
    lines.unshift(line);
    at = line.previous;
  }
  return lines;
}
