import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../testing/seeded.ts';
import type { Limit } from './limit.ts';
import { createPicker, legsFor } from './pick.ts';

const now = Date.parse('2026-03-01T23:59:59.999Z');
const hourMs = 3_600_000;

function limit(id: number, selector: Limit['selector'], more: Partial<Limit> = {}): Limit {
  return {
    id,
    kind: 'limit',
    scope: Object.keys(selector).length === 0 ? 'GLOBAL' : 'USER',
    type: 'cost',
    max: 100n,
    window: { kind: 'calendar', unit: 'day', count: 1, zone: 'UTC' },
    selector,
    enforcement: 'hard',
    thresholds: [],
    source: 'command',
    file: null,
    raises: [],
    grants: [],
    createdAt: 0,
    endedAt: null,
    ...more,
  };
}

const limits = [
  limit(1, {}),
  limit(2, { username: '*' }),
  limit(3, { username: 'ann' }),
  limit(4, { username: 'ann', model: 'big' }),
  limit(5, { model: '*', username: '*' }),
  limit(6, { tag: 'team' }),
  limit(7, { username: 'ann' }, { endedAt: 1 }),
  limit(8, {}, { enforcement: 'soft', window: { kind: 'lifetime' } }),
];

test('specific limits come first, global ones last, ended ones not at all', () => {
  const legs = legsFor(limits, { username: 'ann', model: 'big', 'tag:team': 'red' }, now);
  assert.deepEqual(
    legs.map(({ account }) => account.limitId),
    [4, 3, 6, 2, 5, 1, 8],
  );
  assert.deepEqual(legs.at(-1)!.maximum, null);
  assert.deepEqual(legs.find(({ account }) => account.limitId === 6)!.account.subject, { 'tag:team': 'red' });
});

test('a call that a limit does not cover has no leg of it', () => {
  assert.deepEqual(
    legsFor(limits, {}, now).map(({ account }) => account.limitId),
    [1, 8],
  );
  assert.deepEqual(
    legsFor(limits, { username: 'bob' }, now).map(({ account }) => account.limitId),
    [2, 1, 8],
  );
});

test('a window that turns is another account, the same subject in another order is the same one', () => {
  const key = (attributes: Record<string, string>, at: number) =>
    legsFor([limits[4]!], attributes, at)[0]!.account.key;
  const before = key({ username: 'ann', model: 'big' }, now);
  assert.equal(key({ model: 'big', username: 'ann' }, now), before);
  assert.notEqual(key({ username: 'ann', model: 'big' }, now + 1), before);
  assert.notEqual(key({ username: 'big', model: 'ann' }, now), before);
});

test('the memory of a picker never changes an answer', () => {
  const random = seededRandom(5);
  const pick = createPicker();
  let known: readonly Limit[] = limits;
  for (let step = 0; step < 3000; step++) {
    if (random.onceIn(50))
      known = limits.filter(() => random.onceIn(2)).map((one) => ({ ...one, max: BigInt(step) }));
    const attributes: Record<string, string> = { username: random.pick(['ann', 'bob']) };
    if (random.onceIn(2)) attributes.model = random.pick(['big', 'tiny']);
    if (random.onceIn(3)) attributes['tag:team'] = random.pick(['red', 'blue']);
    const at = now + random.pick([0, 1, hourMs, -hourMs, 30 * hourMs]);
    assert.deepEqual(pick(known, attributes, at), legsFor(known, attributes, at));
  }
});
