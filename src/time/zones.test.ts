/**
 * Every zone this runtime knows × every change of its offset 2020–2040 × {1 ms before, at, 1 ms after}: calendar
 * windows tile time and begin where a naive reader of wall clocks says. Takes some 25 s, therefore a file of its own.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type WindowRule, type WindowUnit, windowAt } from './window.ts';

const dayMs = 86_400_000;
const quarterMs = 900_000;
const from = Date.UTC(2020, 0, 1);
const to = Date.UTC(2041, 0, 1);

test('calendar windows tile time around every offset change of every zone 2020–2040', (t) => {
  let changes = 0;
  let midnightGaps = 0;
  const zones = Intl.supportedValuesOf('timeZone');
  for (const zone of zones) {
    const wall = openWall(zone);
    for (const change of offsetChanges(zone)) {
      changes += 1;
      if (skipsMidnight(wall.text(change - 1), wall.text(change))) midnightGaps += 1;
      for (const at of [change - 1, change, change + 1]) {
        for (const [unit, count] of [
          ['day', 1],
          ['day', 3],
          ['week', 1],
          ['month', 1],
        ] as const) {
          checkWindow({ kind: 'calendar', unit, count, zone }, at, wall);
        }
      }
    }
  }
  t.diagnostic(`${zones.length} zones, ${changes} offset changes, ${midnightGaps} of them skip midnight`);
  assert.ok(zones.length >= 400, 'a runtime with full zone data');
  assert.ok(changes >= 5000, 'changes were found');
  assert.ok(midnightGaps >= 100, 'gaps at midnight were among them');
});

function skipsMidnight(before: string, after: string): boolean {
  return before.slice(0, 10) < after.slice(0, 10) && !after.endsWith(' 00:00:00');
}

function checkWindow(rule: Extract<WindowRule, { kind: 'calendar' }>, at: number, wall: Wall): void {
  const where = `${rule.count} ${rule.unit} in ${rule.zone} at ${new Date(at).toISOString()}`;
  const { start, end } = windowAt(rule, at);
  assert.ok(end !== null && start <= at && at < end, where);
  assert.deepEqual(windowAt(rule, start), { start, end }, where);
  assert.deepEqual(windowAt(rule, end - 1), { start, end }, where);
  assert.equal(windowAt(rule, start - 1).end, start, where);
  assert.equal(windowAt(rule, end).start, end, where);

  const block = firstDateOfBlock(rule.unit, rule.count, wall.text(at).slice(0, 10));
  const dates = [block, dateAfter(rule.unit, rule.count, block)];
  dates.push(dateAfter(rule.unit, rule.count, dates[1]!));
  const [first, second, third] = dates.map((date) => wall.midnight(date));
  const expected = at < second! ? [first, second] : [second, third];
  assert.deepEqual([start, end], expected, where);
}

interface Wall {
  /** `2026-03-14 23:59:59`, read from the formatter alone. */
  text(at: number): string;
  /** The first instant whose wall clock shows midnight of a date or later, found by looking at every quarter hour. */
  midnight(date: string): number;
}

function openWall(zone: string): Wall {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  const midnights = new Map<string, number>();
  const text = (at: number) => format.format(at);
  function search(date: string): number {
    const target = `${date} 00:00:00`;
    let at = Date.parse(`${date}T00:00:00Z`) - 15 * 3_600_000;
    assert.ok(text(at) < target);
    while (text(at) < target) at += quarterMs;
    assert.ok(text(at - 1) < target, `${zone}: ${date} begins off the quarter hour`);
    return at;
  }
  return {
    text,
    midnight(date) {
      const at = midnights.get(date) ?? search(date);
      midnights.set(date, at);
      return at;
    },
  };
}

/** Compares the offset text day by day, then halves down to the millisecond. */
function offsetChanges(zone: string): number[] {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'narrow',
    timeZoneName: 'longOffset',
  });
  const offset = (at: number) => format.format(at).slice(2);
  const changes: number[] = [];
  let previous = offset(from);
  for (let day = from; day < to; day += dayMs) {
    const next = offset(day + dayMs);
    if (next === previous) continue;
    let [low, high] = [day, day + dayMs];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offset(middle) === previous) low = middle;
      else high = middle;
    }
    changes.push(high);
    previous = next;
  }
  return changes;
}

/** Steps back date by date until a block begins: Mondays by their name, months by their text. */
function firstDateOfBlock(unit: WindowUnit, count: number, date: string): string {
  let first = date;
  while (!beginsBlock(unit, count, first)) first = plusDays(first, -1);
  return first;
}

function dateAfter(unit: WindowUnit, count: number, date: string): string {
  let next = plusDays(date, 1);
  while (!beginsBlock(unit, count, next)) next = plusDays(next, 1);
  return next;
}

function beginsBlock(unit: WindowUnit, count: number, date: string): boolean {
  if (unit === 'month') return date.endsWith('-01');
  if (unit === 'week') return new Date(date).getUTCDay() === 1;
  return (Date.parse(date) / dayMs) % count === 0;
}

function plusDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * dayMs).toISOString().slice(0, 10);
}
