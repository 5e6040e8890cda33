import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NanocentError } from '../errors/error.ts';
import { formatInstant, formatInZone, isBareDate, parseInstant } from './instant.ts';

test('every accepted spelling, and the instant it means', () => {
  const cases: [string, string | undefined, string][] = [
    ['2024-01-01', undefined, '2024-01-01T00:00:00.000Z'],
    ['2024-01-01T12:00', undefined, '2024-01-01T12:00:00.000Z'],
    ['2024-01-01T12:00:00', undefined, '2024-01-01T12:00:00.000Z'],
    ['2024-01-01 12:00:00', undefined, '2024-01-01T12:00:00.000Z'],
    ['2024-01-01T12:00:00Z', 'Asia/Tokyo', '2024-01-01T12:00:00.000Z'],
    ['2024-01-01t12:00:00z', 'Asia/Tokyo', '2024-01-01T12:00:00.000Z'],
    ['2024-01-01T12:00:00+02:00', 'Asia/Tokyo', '2024-01-01T10:00:00.000Z'],
    ['2024-01-01 12:00:00-0530', undefined, '2024-01-01T17:30:00.000Z'],
    ['2024-01-01T12:00+14', undefined, '2023-12-31T22:00:00.000Z'],
    ['2024-01-01T12:00:00.5', undefined, '2024-01-01T12:00:00.500Z'],
    ['2024-01-01T12:00:00.123999Z', undefined, '2024-01-01T12:00:00.123Z'],
    ['2024-02-29', undefined, '2024-02-29T00:00:00.000Z'],
    ['2024-01-01', 'Asia/Kathmandu', '2023-12-31T18:15:00.000Z'],
    ['2024-07-01T12:00:00', 'America/New_York', '2024-07-01T16:00:00.000Z'],
    ['1970-01-01', 'Pacific/Kiritimati', '1970-01-01T10:40:00.000Z'],
    ['9999-12-31T23:59:59.999Z', undefined, '9999-12-31T23:59:59.999Z'],
  ];
  for (const [text, zone, expected] of cases) {
    const at = parseInstant(text, zone === undefined ? {} : { zone });
    assert.equal(formatInstant(at), expected, `${text} in ${zone}`);
  }
});

test('local times that the clocks skip or show twice', () => {
  const cases: [string, string, string, string][] = [
    ['2026-03-29T01:59:59', 'Europe/Berlin', '2026-03-29T00:59:59.000Z', 'before the gap'],
    [
      '2026-03-29T02:00:00',
      'Europe/Berlin',
      '2026-03-29T01:00:00.000Z',
      'start of the gap: first instant after',
    ],
    ['2026-03-29T02:59:59', 'Europe/Berlin', '2026-03-29T01:00:00.000Z', 'end of the gap: the same'],
    ['2026-03-29T03:00:00', 'Europe/Berlin', '2026-03-29T01:00:00.000Z', 'after the gap'],
    ['2026-10-25T02:00:00', 'Europe/Berlin', '2026-10-25T00:00:00.000Z', 'twice: the earlier'],
    ['2026-10-25T02:59:59', 'Europe/Berlin', '2026-10-25T00:59:59.000Z', 'twice: the earlier'],
    ['2026-10-25T03:00:00', 'Europe/Berlin', '2026-10-25T02:00:00.000Z', 'once again'],
    ['2026-04-24', 'Africa/Cairo', '2026-04-23T22:00:00.000Z', 'midnight skipped'],
    ['2026-11-01T01:30:00', 'America/New_York', '2026-11-01T05:30:00.000Z', 'twice: the earlier'],
    ['2011-12-30T12:00:00', 'Pacific/Apia', '2011-12-30T10:00:00.000Z', 'a whole day skipped'],
    ['2026-04-05T01:45:00', 'Australia/Lord_Howe', '2026-04-04T14:45:00.000Z', 'half an hour shown twice'],
  ];
  for (const [text, zone, expected, why] of cases) {
    assert.equal(formatInstant(parseInstant(text, { zone })), expected, `${text} in ${zone}: ${why}`);
  }
});

test('what is no time is refused, naming the field and the fix', () => {
  const texts = [
    '',
    'now',
    '2024',
    '2024-01',
    '2024-1-1',
    '24-01-01',
    '2024-01-01T',
    '2024-01-01T12',
    '2024-01-01T12:00:00.',
    '2024-01-01 12:00:00 Z',
    '2024-01-01Z',
    ' 2024-01-01',
    '2024-01-01\n',
    '1704110400',
    '2024-02-30',
    '2023-02-29',
    '2024-13-01',
    '2024-00-01',
    '2024-01-32',
    '2024-01-01T24:00:00',
    '2024-01-01T12:60:00',
    '2024-01-01T23:59:60Z',
    '2024-01-01T12:00:00+24:00',
    '2024-01-01T12:00:00+01:60',
    '1969-12-31T23:59:59Z',
    '0000-01-01',
    '+02024-01-01',
    `2024-01-01T12:00:00.${'0'.repeat(40)}`,
  ];
  for (const text of texts) {
    assert.throws(
      () => parseInstant(text, { field: '--start' }),
      (error) => {
        assert.ok(NanocentError.is(error), String(error));
        assert.equal(error.code, 'time_invalid', text);
        assert.equal(error.field, '--start');
        assert.ok(error.message.startsWith('--start '));
        assert.match(error.fix ?? '', /ISO 8601/);
        return true;
      },
    );
  }
  assert.throws(() => parseInstant('2024-01-01', { zone: 'Mars/Olympus' }), {
    code: 'zone_unknown',
    field: 'zone',
  });
  assert.throws(() => parseInstant(20240101 as unknown as string), { code: 'time_invalid' });
});

test('local time for tables, and bare dates', () => {
  const at = Date.UTC(2026, 2, 14, 23, 59, 59, 999);
  assert.equal(formatInZone(at, 'UTC'), '2026-03-14 23:59:59');
  assert.equal(formatInZone(at, 'Asia/Kathmandu'), '2026-03-15 05:44:59');
  assert.throws(() => formatInstant(Number.NaN), { code: 'time_invalid' });
  assert.equal(isBareDate('2024-01-31'), true);
  assert.equal(isBareDate('2024-01-31T00:00'), false);
});

test('property: an instant survives print and parse, in UTC and (to the second) in any zone', () => {
  const zones = [
    'UTC',
    'Europe/Berlin',
    'Africa/Cairo',
    'America/Santiago',
    'Asia/Kathmandu',
    'Pacific/Apia',
    'Antarctica/Troll',
  ];
  const instants = fc.integer({ min: Date.UTC(1970, 0, 2), max: Date.UTC(2100, 0, 1) });
  fc.assert(
    fc.property(instants, fc.constantFrom(...zones), (at, zone) => {
      assert.equal(parseInstant(formatInstant(at)), at);
      const shown = formatInZone(at, zone);
      const back = parseInstant(shown, { zone });
      assert.ok(back <= at, 'a time shown twice is read as the earlier');
      assert.equal(formatInZone(back, zone), shown);
    }),
    { numRuns: 1000 },
  );
});
