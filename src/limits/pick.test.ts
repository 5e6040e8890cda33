import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../testing/seeded.ts';
import type { Limit } from './limit.ts';
import { createPicker, legsFor, subjectsOf } from './pick.ts';

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

const rollingHour = { kind: 'rolling', unit: 'hour', count: 1 } as const;

test('a rolling limit has a head, which knows the steps that count, and a step to post to', () => {
  const at = Date.parse('2026-03-01T10:00:30Z');
  const [head, bucket, ...others] = legsFor([limit(1, {}, { window: rollingHour })], {}, at);
  assert.deepEqual(others, []);
  assert.deepEqual([head!.role, head!.maximum, head!.account.windowEnd], ['hold', 100n, null]);
  const starts = head!.buckets!.map(({ account }) => new Date(account.windowStart).toISOString());
  assert.deepEqual(
    [starts.length, starts[0], starts.at(-1)],
    [61, '2026-03-01T09:00:00.000Z', '2026-03-01T10:00:00.000Z'],
  );
  assert.equal(head!.buckets![0]!.until, Date.parse('2026-03-01T10:00:59.999Z'));
  assert.deepEqual([bucket!.role, bucket!.maximum], ['post', null]);
  assert.deepEqual(bucket!.account, head!.buckets!.at(-1)!.account);
});

test('what happened in a step that has passed is posted nowhere', () => {
  const own = [limit(1, {}, { window: rollingHour })];
  const rolesAt = (at: number) => createPicker()(own, {}, at, now).map(({ role }) => role);
  assert.deepEqual(rolesAt(now - hourMs + 1), ['hold', 'post']);
  // 23:59:59.999 is the last of its step: an entry exactly as old as the window is out, with all of its step.
  assert.deepEqual(rolesAt(now - hourMs), ['hold']);
  assert.deepEqual(rolesAt(now + hourMs), ['hold', 'post']);
});

test('a call finds the limits that cover it among many, as looking at each would', () => {
  const random = seededRandom(11);
  const values = ['a', 'b', 'c', '*'];
  const selectorOf = (): Limit['selector'] => {
    const selector: Record<string, string> = {};
    for (const field of ['model', 'username', 'caller'])
      if (random.onceIn(2)) selector[field] = random.pick(values);
    if (random.onceIn(3)) selector.tag = random.pick(['team', 'team=a', 'team=*', '*', 'env=b']);
    return selector;
  };
  for (let round = 0; round < 30; round++) {
    const many = Array.from({ length: 60 }, (_, index) => limit(index + 1, selectorOf()));
    for (let call = 0; call < 20; call++) {
      const attributes: Record<string, string> = {};
      for (const field of ['model', 'username', 'caller', 'tag:team', 'tag:env'])
        if (random.onceIn(2)) attributes[field] = random.pick(['a', 'b', 'c']);
      const each = many.flatMap((one) => subjectsOf(one, attributes).map((subject) => ({ one, subject })));
      const found = legsFor(many, attributes, now).map(({ account }) => account);
      assert.deepEqual(
        found.map(({ limitId, subject }) => `${limitId} ${JSON.stringify(subject)}`).sort(),
        each.map(({ one, subject }) => `${one.id} ${JSON.stringify(subject)}`).sort(),
      );
    }
  }
});

test('the memory of a picker never changes an answer', () => {
  const random = seededRandom(5);
  const pick = createPicker();
  const all = [
    ...limits,
    limit(9, { username: '*', tag: 'team' }, { window: { ...rollingHour, count: 2 } }),
    limit(10, { model: '*' }, { window: { kind: 'rolling', unit: 'month', count: 1 } }),
  ];
  let known: readonly Limit[] = all;
  for (let step = 0; step < 1500; step++) {
    if (random.onceIn(50))
      known = all.filter(() => random.onceIn(2)).map((one) => ({ ...one, max: BigInt(step) }));
    const attributes: Record<string, string> = { username: random.pick(['ann', 'bob']) };
    if (random.onceIn(2)) attributes.model = random.pick(['big', 'tiny']);
    if (random.onceIn(3)) attributes['tag:team'] = random.pick(['red', 'blue']);
    const at = now + random.pick([0, 1, hourMs, -hourMs, 30 * hourMs]);
    const heard = at + random.pick([0, 0, 1, 60_000, hourMs, 40 * hourMs]);
    assert.deepEqual(pick(known, attributes, at, heard), createPicker()(known, attributes, at, heard));
  }
});
