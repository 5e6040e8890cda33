import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createIds } from './ids.ts';

test('ids are UUIDv7s in the order they were asked for, also when the clock stands or goes back', () => {
  let now = Date.UTC(2026, 10, 22);
  const ids = createIds({ now: () => now });
  const made: string[] = [];
  for (let index = 0; index < 20_000; index++) {
    if (index === 10_000) now -= 3_600_000;
    made.push(ids.uuid());
  }
  for (const id of made)
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual(made, [...made].sort());
  assert.equal(new Set(made).size, made.length);
  assert.equal(Number.parseInt(made[0]!.replace('-', '').slice(0, 12), 16), Date.UTC(2026, 10, 22));
});

test('two makers never meet, and salts are 16 random bytes', () => {
  const clock = { now: () => 0 };
  const [one, other] = [createIds(clock), createIds(clock)];
  const made = Array.from({ length: 5_000 }, () => [one.uuid(), other.uuid()]).flat();
  assert.equal(new Set(made).size, made.length);
  assert.match(one.salt(), /^[0-9a-f]{32}$/);
  assert.notEqual(one.salt(), one.salt());
});
