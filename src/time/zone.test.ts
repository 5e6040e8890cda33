import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertInstant, assertZone, instantOfLocal, localParts, offsetAt } from './zone.ts';

const hourMs = 3_600_000;

test('IANA names and their aliases are zones, fixed offsets and nonsense are not', () => {
  for (const zone of [
    'UTC',
    'Europe/Berlin',
    'US/Pacific',
    'Asia/Kolkata',
    'Etc/GMT+5',
    'America/Argentina/Buenos_Aires',
  ])
    assertZone(zone);
  for (const zone of [
    '',
    'Berlin',
    '+02:00',
    'GMT+1',
    'Europe/',
    ' UTC',
    'UTC\n',
    '../etc',
    'x'.repeat(65),
  ]) {
    assert.throws(
      () => assertZone(zone, '--zone'),
      { code: 'zone_unknown', field: '--zone', name: 'NanocentError' },
      zone,
    );
  }
  assert.throws(() => assertZone(undefined as unknown as string), { code: 'zone_unknown' });
});

test('offsets of odd zones', () => {
  const january = Date.UTC(2026, 0, 1);
  const july = Date.UTC(2026, 6, 1);
  const cases: [string, number, number][] = [
    ['UTC', january, 0],
    ['Asia/Kathmandu', january, 5.75],
    ['Pacific/Kiritimati', january, 14],
    ['Pacific/Pago_Pago', january, -11],
    ['Pacific/Marquesas', january, -9.5],
    ['Australia/Lord_Howe', january, 11],
    ['Australia/Lord_Howe', july, 10.5],
    ['Antarctica/Troll', july, 2],
    ['Africa/Monrovia', Date.UTC(1971, 0, 1), -2670 / 3600],
  ];
  for (const [zone, at, hours] of cases) assert.equal(offsetAt(at, zone), hours * hourMs, zone);
});

test('the offset turns exactly at the change', () => {
  const change = Date.UTC(2026, 2, 29, 1);
  assert.equal(offsetAt(change - 1, 'Europe/Berlin'), hourMs);
  assert.equal(offsetAt(change, 'Europe/Berlin'), 2 * hourMs);
});

test('local parts and back', () => {
  const parts = { year: 2026, month: 3, day: 15, hour: 5, minute: 44, second: 59, millisecond: 7 };
  const at = Date.UTC(2026, 2, 14, 23, 59, 59, 7);
  assert.deepEqual(localParts(at, 'Asia/Kathmandu'), parts);
  assert.equal(instantOfLocal(parts, 'Asia/Kathmandu'), at);
});

test('instants that no calendar can show are refused', () => {
  for (const at of [Number.NaN, Number.POSITIVE_INFINITY, 0.5, 8.64e15, -8.64e15]) {
    assert.throws(() => assertInstant(at, 'now'), { code: 'time_invalid', field: 'now' });
    assert.throws(() => offsetAt(at, 'UTC'), { code: 'time_invalid' });
  }
  for (const at of [0, -1, Date.UTC(9999, 11, 31)]) assertInstant(at);
});

test('answers stay right after more zones and days than are remembered', () => {
  const zones = Intl.supportedValuesOf('timeZone').slice(0, 100);
  const at = Date.UTC(2026, 6, 1, 12);
  const first = zones.map((zone) => offsetAt(at, zone));
  assert.deepEqual(
    zones.map((zone) => offsetAt(at, zone)),
    first,
  );
  for (let day = 0; day < 2000; day += 1) offsetAt(at + day * 24 * hourMs, 'Europe/Berlin');
  assert.equal(offsetAt(at, 'Europe/Berlin'), 2 * hourMs);
  assert.equal(offsetAt(at + 184 * 24 * hourMs, 'Europe/Berlin'), hourMs);
});
