import type { StoreReads } from '../core/ledger.ts';
import type { Entry } from '../store/entry.ts';
import type { ImportedCall } from './imported-call.ts';

/** Two programs that log one call write down its beginning, its end, or something in between: at most this far apart. */
const apartMs = 3_600_000;

/** Rows of the ledger, by response id, that may be the same calls: rows of about the same time with one of their ids. */
export async function bookedResponses(
  reads: StoreReads,
  calls: readonly ImportedCall[],
): Promise<ReadonlyMap<string, readonly Entry[]>> {
  const found = new Map<string, Entry[]>();
  for (const { ids, from, to } of spansOf(calls)) {
    for (const row of await reads.entriesByResponse(ids, { from, to })) {
      const rows = found.get(row.responseId!);
      if (rows) rows.push(row);
      else found.set(row.responseId!, [row]);
    }
  }
  return found;
}

interface Span {
  readonly ids: string[];
  readonly from: number;
  to: number;
}

/** Stretches of time around the calls: what lies between them is not looked through. */
function spansOf(calls: readonly ImportedCall[]): Span[] {
  const spans: Span[] = [];
  const known = calls.filter(({ responseId }) => responseId !== null);
  for (const { responseId, at } of known.sort((left, right) => left.at - right.at)) {
    const last = spans.at(-1);
    if (last && at - apartMs <= last.to) {
      last.ids.push(responseId!);
      last.to = at + apartMs;
    } else spans.push({ ids: [responseId!], from: at - apartMs, to: at + apartMs });
  }
  return spans;
}
