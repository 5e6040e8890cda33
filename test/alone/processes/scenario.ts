import { setTimeout as sleep } from 'node:timers/promises';
import type { LedgerService } from '../../../src/core/ledger.ts';
import type { WriteRequest } from '../../../src/core/request.ts';
import { costLimit, requestsFor } from '../../../src/testing/requests.ts';
import { seededIds } from '../../../src/testing/seeded.ts';

/**
 * One of everything, one write after the other, always with the same ids: asked again, in part or in whole, it changes
 * nothing, so whatever interrupted it, playing it once more ends in the same books. `say` hears what was acknowledged.
 */
export async function playScenario(
  ledger: LedgerService,
  say: (what: string, id: string, amount: bigint) => void,
): Promise<void> {
  const { reserve, settle, record } = requestsFor(seededIds('scenario'), { now: () => Date.now() });
  const ann = { username: 'ann' };
  const once = (name: string) => ({ idempotency: { name: name.repeat(32), fingerprint: '1:x' } });
  const [spent, freed, left] = [reserve(100n, ann), reserve(70n, ann), reserve(30n, ann, { ttlMs: 1 })];
  const [longer, tracked] = [reserve(40n, ann, once('ab')), record(9n, ann, once('cd'))];
  const steps: readonly (readonly [what: string, request: WriteRequest, id: string, amount: bigint])[] = [
    ['limit', costLimit(10_000n), '', 0n],
    ['limit', costLimit(1_000n, 'username'), '', 0n],
    ['reserved', spent, spent.id, 100n],
    ['settled', settle(spent.id, 55n), spent.id, 55n],
    ['reserved', freed, freed.id, 70n],
    ['voided', { kind: 'void', id: freed.id, keep: {} }, freed.id, 0n],
    ['reserved', longer, longer.id, 40n],
    [
      'extended',
      { kind: 'extend', id: longer.id, fence: 1, quantities: { cost: 5n }, attributes: ann, ttlMs: 600_000 },
      longer.id,
      0n,
    ],
    ['settled', settle(longer.id, 45n), longer.id, 45n],
    ['reserved', left, left.id, 30n],
    ['recorded', tracked, tracked.entry.id, 9n],
  ];
  for (const [what, request, id, amount] of steps) {
    await ledger.write(request);
    say(what, id, amount);
  }
  await sleep(2);
  await ledger.write({ kind: 'expire', id: left.id });
  say('expired', left.id, 30n);
}
