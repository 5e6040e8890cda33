import { verificationDocument } from '../../books/documents.ts';
import { formatNanocents } from '../../money/index.ts';
import { budgetNanocents, callers, processes } from './plan.ts';
import type { RaceResult, Tally } from './referee.ts';

/** The figures of a race for other programs. Money in nanocents, as decimal strings. */
export function raceDocument(result: RaceResult): object {
  const { seed, elapsedMs, killed, orphans, highest, looks, tallies, holds } = result;
  return {
    schema: 'nanocent.race/1',
    seed,
    callers,
    processes,
    budgetNanocents: formatNanocents(budgetNanocents),
    milliseconds: Math.round(elapsedMs),
    killed: killed && { ...killed, process: killed.process + 1, atMs: Math.round(killed.atMs) },
    nanocent: {
      ...tallyDocument(tallies.nanocent),
      heldNanocents: formatNanocents(tallies.nanocent.held),
      highestNanocents: formatNanocents(highest),
      looks,
      chargedHolds: { count: orphans.count, nanocents: formatNanocents(orphans.nanocents) },
    },
    checkThenAct: { isModel: true, ...tallyDocument(tallies.model) },
    limitHeld: holds,
    verification: verificationDocument(result.verification),
  };
}

function tallyDocument({ sent, refused, billed, booked }: Tally): object {
  return {
    calls: sent,
    turnedAway: refused,
    billedNanocents: formatNanocents(billed),
    bookedNanocents: formatNanocents(booked),
  };
}
