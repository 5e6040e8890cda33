import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLedger } from '../../src/core/ledger.ts';
import type { WriteRequest } from '../../src/core/request.ts';
import { openMemory } from '../../src/store/memory/index.ts';
import { type FakeClock, fakeClock } from '../../src/testing/fake-clock.ts';
import { assertLaws } from '../../src/testing/laws.ts';
import { costLimit, requestsFor } from '../../src/testing/requests.ts';
import { type Random, seededIds, seededRandom } from '../../src/testing/seeded.ts';

// The exact window, written down once more without anything of ours: a list of what was spent when, and of what is held.

interface Part {
  readonly at: number;
  amount: bigint;
}

interface Hold {
  readonly id: string;
  readonly parts: Part[];
}

interface Span {
  readonly unit: 'minute' | 'hour' | 'day' | 'week' | 'month';
  readonly count: number;
  /** As docs/ledger.md says it. */
  readonly stepMs: number;
}

const spans: readonly Span[] = [
  { unit: 'minute', count: 5, stepMs: 5_000 },
  { unit: 'hour', count: 1, stepMs: 60_000 },
  { unit: 'day', count: 1, stepMs: 1_200_000 },
  { unit: 'week', count: 1, stepMs: 7_200_000 },
  { unit: 'month', count: 1, stepMs: 28_800_000 },
];
const unitMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 };

/** What is at this instant or older is out of the window that ends now. */
function outAt({ unit, count }: Span, now: number): number {
  if (unit !== 'month') return now - count * unitMs[unit];
  const date = new Date(now);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() - count);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.setUTCDate(Math.min(day, last));
}

class ExactWindow {
  readonly spent: Part[] = [];
  readonly holds: Hold[] = [];

  /** Everything that counts now, with the window made longer by so much. */
  used(span: Span, now: number, longerMs: number): bigint {
    const out = outAt(span, now) - longerMs;
    let sum = 0n;
    for (const { at, amount } of this.spent) if (at > out && at <= now) sum += amount;
    for (const { parts } of this.holds) for (const { amount } of parts) sum += amount;
    return sum;
  }

  /** Money goes to the instants that admitted it: as much as each had set aside, the last one takes the rest. */
  post(hold: Hold, amount: bigint): void {
    let rest = amount;
    for (const part of hold.parts) {
      const share = part === hold.parts.at(-1) || rest < part.amount ? rest : part.amount;
      this.spent.push({ at: part.at, amount: share });
      part.amount -= share < part.amount ? share : part.amount;
      rest -= share;
    }
  }

  end(hold: Hold): void {
    this.holds.splice(this.holds.indexOf(hold), 1);
  }
}

interface Play {
  readonly random: Random;
  readonly clock: FakeClock;
  readonly exact: ExactWindow;
  readonly ask: ReturnType<typeof requestsFor>;
  readonly span: Span;
}

/** What is asked next, and what the exact window makes of it once it has happened. */
function nextOf({ random, clock, exact, ask, span }: Play): [request: WriteRequest, happened: () => void] {
  const now = clock.now();
  const roll = random.below(10);
  const amount = BigInt(random.below(30));
  const hold = exact.holds[random.below(exact.holds.length + 1)];
  if (roll < 5 || !hold) {
    const request = ask.reserve(amount, {}, { ttlMs: 10 ** 12 });
    return [request, () => exact.holds.push({ id: request.id, parts: [{ at: now, amount }] })];
  }
  if (roll < 6) {
    const request = ask.record(amount);
    const at = now - random.below(Math.ceil((now - outAt(span, now)) * 1.1));
    const entry = { ...request.entry, at };
    return [{ ...request, entry }, () => exact.spent.push({ at, amount })];
  }
  const { id } = hold;
  if (roll < 7) {
    const more = { fence: null, quantities: { cost: amount }, attributes: {}, ttlMs: null };
    // Nothing more is a renewal, and admits nothing.
    return [{ kind: 'extend', id, ...more }, () => amount > 0n && hold.parts.push({ at: now, amount })];
  }
  if (roll < 8) {
    return [{ ...ask.settle(id, amount), kind: 'capture' } as WriteRequest, () => exact.post(hold, amount)];
  }
  const happened = () => {
    exact.post(hold, amount);
    exact.end(hold);
  };
  return [ask.settle(id, amount), happened];
}

async function play(seed: number, span: Span): Promise<{ admitted: number; refused: number }> {
  const random = seededRandom(seed);
  const clock = fakeClock(Date.UTC(2026, random.below(12), 1 + random.below(31), random.below(24)));
  const ledger = openLedger(openMemory({ clock, ledgerId: 'exact' }));
  const exact = new ExactWindow();
  const setting: Play = { random, clock, exact, ask: requestsFor(seededIds(seed), clock), span };
  const maximum = BigInt(40 + random.below(60));
  const { limit } = costLimit(maximum);
  const window = { kind: 'rolling', unit: span.unit, count: span.count } as const;
  const setAt = random.pick([0, 0, 6]);
  const count = { admitted: 0, refused: 0 };
  const spanMs = clock.now() - outAt(span, clock.now());
  for (let step = 0; step < 60; step++) {
    if (step === setAt) await ledger.write({ kind: 'setLimit', limit: { ...limit, window }, fromNow: false });
    const steps = [0, 1, span.stepMs - 1, span.stepMs, random.below(spanMs / 4), spanMs, spanMs - 1];
    clock.advance(random.onceIn(3) ? 0 : random.pick(steps));
    const [request, happened] = nextOf(setting);
    if (step < setAt && request.kind === 'extend') continue;
    const now = clock.now();
    const asks = step >= setAt && (request.kind === 'reserve' || request.kind === 'extend');
    const wanted = asks ? request.quantities.cost! : 0n;
    const least = exact.used(span, now, 0) + wanted;
    const most = exact.used(span, now, span.stepMs) + wanted;
    const { outcome } = await ledger.write(request);
    const where = `seed ${seed}, step ${step}: ${wanted} of ${maximum}`;
    if (outcome === 'refused') {
      count.refused += 1;
      assert.ok(wanted > 0n && most > maximum, `${where} refused, ${most - wanted} in the window and a step`);
      continue;
    }
    if (wanted > 0n) {
      count.admitted += 1;
      assert.ok(least <= maximum, `${where} admitted, ${least - wanted} in the exact window`);
    }
    happened();
  }
  await assertLaws(ledger.reads);
  await ledger.close();
  return count;
}

const seeds = 80;

for (const span of spans) {
  test(`a rolling ${span.unit} admits nothing that the exact window refuses, and refuses nothing that it and one step admit`, async () => {
    let admitted = 0;
    let refused = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const count = await play(seed, span);
      admitted += count.admitted;
      refused += count.refused;
    }
    assert.ok(admitted > 10 * seeds && refused > 5 * seeds, `${admitted} admitted, ${refused} refused`);
  });
}
