import { limitDocument, limitStateDocument } from '../../books/documents.ts';
import type { Limit } from '../../limits/limit.ts';
import { formatUsdRounded } from '../../money/index.ts';
import { method, type ReachForecast, type Unknown } from '../../reports/forecast.ts';
import type { LimitState } from '../../reports/limit-states.ts';
import { bucketMsFor, formatInstant, formatInZone } from '../../time/index.ts';
import { whoseText } from '../allowance-words.ts';
import { spanText } from '../amounts.ts';
import { limitFieldsFrom } from '../limit-groups.ts';
import { shortText } from '../limit-words.ts';
import type { Shell } from '../shell.ts';
import { showTable } from '../show-table.ts';
import { shown as shownPath } from '../shown-path.ts';
import type { Cell, Column } from '../table.ts';
import { counted, grouped, visible, wrap } from '../text.ts';
import { noLimits } from './limits-list.ts';

type Forecast = ReachForecast | Unknown;
type Row = readonly [LimitState, Forecast];

export async function run(shell: Shell): Promise<undefined> {
  const { arguments: given } = shell;
  const id = given.whole('id', { min: 1, max: Number.MAX_SAFE_INTEGER });
  const fields = Object.entries(limitFieldsFrom(given));
  const books = await shell.books();
  const { clock, zone } = books.context;
  const all = await books.limitStates();
  const states = all.filter(
    ({ limit, subject }) =>
      (id === undefined || limit.id === id) &&
      fields.every(
        ([field, value]) =>
          subject[field] === value ||
          Object.entries(limit.selector).some(([name, wanted]) => name === field && wanted === value),
      ),
  );
  const forecasts = await books.limitForecasts(states);
  const rows = states.map((state, index): Row => [state, forecasts[index]!]);
  const now = clock.now();
  await shell.report({
    json: () => document(rows),
    csv: () => csv(rows),
    text: () => {
      if (all.length === 0) return noLimits;
      if (rows.length === 0) return 'no limit covers that\n';
      return (
        showTable(
          shell,
          columns,
          rows.map((row) => cells(shell, row, now)),
        ) + notes(shell, states, { now, zone })
      );
    },
  });
  return undefined;
}

const right = 'right' as const;
const columns: readonly Column[] = [
  { title: 'Id', align: right },
  { title: 'Covers', cutTo: 16 },
  { title: 'Limit', cutTo: 16 },
  { title: 'Maximum', align: right },
  { title: 'Used', align: right },
  { title: '', align: right, optional: 5 },
  { title: 'Held', align: right, optional: 3 },
  { title: 'Left', align: right },
  { title: 'Resets', optional: 2 },
  { title: 'Used up', optional: 4 },
];

function cells(shell: Shell, [state, forecast]: Row, now: number): Cell[] {
  const { limit, maximum, used, held, over, remaining, resetsAt } = state;
  const amount = (value: bigint) => (limit.type === 'cost' ? formatUsdRounded(value) : grouped(value));
  const isExempt = maximum === -1n;
  const left = remaining === null ? null : amount(remaining);
  const warns = remaining === 0n || over > 0n;
  return [
    String(limit.id),
    whoseText(state),
    shortText(limit),
    isExempt ? 'exempt' : maximum === 0n ? 'denies' : amount(maximum),
    amount(used),
    isExempt || maximum === 0n ? '' : `${(used * 100n) / maximum}%`,
    held === 0n ? null : amount(held),
    over > 0n
      ? { text: `−${amount(over)}`, paint: shell.style.yellow }
      : warns && left !== null
        ? { text: left, paint: shell.style.yellow }
        : left,
    resetsAt === null ? null : `in ${spanText(resetsAt - now)}`,
    forecastText(forecast, state, now),
  ];
}

/** `in 3 days (2 to 6)`; nothing where nothing is known. */
function forecastText(forecast: Forecast, { remaining }: LimitState, now: number): Cell {
  if (!forecast.known) return null;
  if (remaining === 0n) return 'already';
  const { at, earliest, latest } = forecast;
  const span = (instant: number) => spanText(instant - now);
  if (at === null) return earliest === null ? 'not expected' : `perhaps in ${span(earliest)}`;
  const from = span(earliest ?? at);
  const to = latest === null ? 'never' : span(latest);
  return from === to ? `in ${from}` : `in ${span(at)} (${from} to ${to})`;
}

/** What the table has no column for: files, thresholds, raises. */
function notes(shell: Shell, states: readonly LimitState[], at: { now: number; zone: string }): string {
  const limits = [...new Map(states.map(({ limit }) => [limit.id, limit])).values()];
  const lines = [...fileNotes(limits), ...limits.flatMap((limit) => ownNotes(limit, at))];
  if (lines.length === 0) return '';
  const wrapped = lines.flatMap((line) => wrap(line, shell.terminal.columns));
  return `\n${wrapped.map((line) => `${shell.style.dim(line)}\n`).join('')}`;
}

function fileNotes(limits: readonly Limit[]): string[] {
  const byFile = Map.groupBy(
    limits.filter(({ file }) => file !== null),
    ({ file }) => file!,
  );
  return [...byFile].map(
    ([file, own]) =>
      `${counted(own.length, 'limit')} of ${shownPath(file)}: ${own.map(({ id }) => id).join(', ')}`,
  );
}

function ownNotes(limit: Limit, { now, zone }: { now: number; zone: string }): string[] {
  const { id, type, thresholds, raises, window } = limit;
  const notes = raises
    .filter(({ until }) => until > now)
    .map(({ max, until, reason }) => {
      const to = type === 'cost' ? formatUsdRounded(max) : grouped(max);
      return `limit ${id} is raised to ${to} until ${formatInZone(until, zone)} (${zone}): ${visible(reason)}`;
    });
  if (window.kind === 'rolling') {
    const stepMs = bucketMsFor(window);
    notes.push(`limit ${id} counts in steps of ${stepMs < 1000 ? `${stepMs} ms` : spanText(stepMs)}`);
  }
  if (thresholds.length > 0)
    notes.push(`limit ${id} speaks at ${thresholds.map((one) => `${one}%`).join(', ')}`);
  return notes;
}

function document(rows: readonly Row[]) {
  const byLimit = Map.groupBy(rows, ([{ limit }]) => limit.id);
  return {
    schema: 'nanocent.limits/1',
    forecastMethod: method,
    limits: [...byLimit.values()].map((own) => ({
      ...limitDocument(own[0]![0].limit),
      counters: own.map(([state, forecast]) => {
        const { limitId: _, ...counter } = limitStateDocument(state);
        return { ...counter, forecast: forecastDocument(forecast) };
      }),
    })),
  };
}

export function forecastDocument(forecast: Forecast) {
  if (!forecast.known) return forecast;
  const instant = (at: number | null) => (at === null ? null : formatInstant(at));
  const { at, earliest, latest, days } = forecast;
  return { known: true, at: instant(at), earliest: instant(earliest), latest: instant(latest), days };
}

function csv(rows: readonly Row[]) {
  return {
    columns: [
      'id',
      'scope',
      'subject',
      'type',
      'max',
      'used',
      'held',
      'remaining',
      'over',
      'resetsAt',
      'usedUpAt',
    ],
    rows: rows.map(([state, forecast]) => {
      const { limit, subject } = state;
      const { max, used, held, remaining, over, resetsAt } = limitStateDocument(state);
      const at = forecast.known && forecast.at !== null ? formatInstant(forecast.at) : null;
      const fixed = [limit.id, limit.scope, JSON.stringify(subject), limit.type];
      return [...fixed, max, used, held, remaining, over, resetsAt, at];
    }),
  };
}
