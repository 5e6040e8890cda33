import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openLedger } from '../../src/core/ledger.ts';
import { openSqlite } from '../../src/store/sqlite/index.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';
import { assertLaws } from '../../src/testing/laws.ts';
import { costLimit, requestsFor } from '../../src/testing/requests.ts';
import { seededIds } from '../../src/testing/seeded.ts';
import { clockJumps, simulateJumps } from '../../src/testing/simulation-jumps.ts';
import { memoryStore } from './suites.ts';

const folder = mkdtempSync(join(tmpdir(), 'nanocent-clocks-'));
after(() => rmSync(folder, { recursive: true, force: true }));

for (const { name, seeds, moments, open } of [
  { name: 'memory', seeds: 60, moments: 8, open: memoryStore },
  {
    name: 'SQLite',
    seeds: 3,
    moments: 6,
    open: (clock: ReturnType<typeof fakeClock>) => openSqlite({ clock, file: nextFile() }),
  },
]) {
  test(`${name}: ±1 h and ±10 years before every moment of ${seeds} histories`, async (t) => {
    let histories = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      histories += (await simulateJumps({ seed, moments, open })).histories;
    }
    t.diagnostic(`${histories} histories; more: npm run prove -- jumps --seed ${seeds + 1} --size 1000`);
    assert.equal(histories, seeds * moments * clockJumps.length);
  });
}

for (const byMs of clockJumps) {
  test(`a clock that jumps by ${byMs / 3_600_000} h: deadlines and windows`, async () => {
    const clock = fakeClock('2026-03-01T10:00:00Z');
    const ledger = openLedger(memoryStore(clock));
    const { reserve } = requestsFor(seededIds(), clock);
    const day = { kind: 'calendar', unit: 'day', count: 1, zone: 'UTC' } as const;
    const limit = costLimit(100n);
    await ledger.write({ ...limit, limit: { ...limit.limit, window: day } });
    const first = reserve(60n, {}, { ttlMs: 600_000 });
    await ledger.write(first);
    const before = clock.now();
    clock.advance(byMs);

    const again = await ledger.write(reserve(60n));
    const turned = byMs > 86_400_000;
    assert.equal(
      again.outcome,
      turned ? 'reserved' : 'refused',
      'no window opens twice, and none stays open',
    );
    const extend = {
      kind: 'extend',
      id: first.id,
      fence: 1,
      quantities: {},
      attributes: {},
      ttlMs: 600_000,
    } as const;
    const renewed = await ledger.write(extend);
    assert.ok(renewed.outcome === 'extended');
    const expected = Math.max(before, clock.now()) + 600_000;
    assert.equal(
      renewed.reservation.expiresAt,
      expected,
      'a renewal lasts its time to live, on the clock of the books',
    );
    await assertLaws(ledger.reads);
  });
}

let files = 0;

function nextFile(): string {
  files += 1;
  return join(folder, `${files}.sqlite`);
}
