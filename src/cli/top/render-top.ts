import { amountText, subjectText, windowText } from '../../limits/describe.ts';
import { formatUsdRounded } from '../../money/index.ts';
import type { LimitState } from '../../reports/limit-states.ts';
import { type Entry, promptTokens } from '../../store/entry.ts';
import { formatInZone } from '../../time/index.ts';
import { moneyCells } from '../amounts.ts';
import { coveredText, maximumText } from '../limit-words.ts';
import type { Style } from '../style.ts';
import { type Cell, type Column, renderTable } from '../table.ts';
import { counted, cutTo, grouped, padTo, visible, widthOf } from '../text.ts';
import type { OpenHold, TopSnapshot } from './top-snapshot.ts';
import { arranged, type TopState } from './top-state.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The screen, line by line: never more lines than rows, never a line wider than the columns. */
export function renderTop(snapshot: TopSnapshot, state: TopState, size: Size, style: Style): string[] {
  const head = headLines(snapshot, state, size.columns, style);
  const foot = footLine(state, size.columns, style);
  const room = size.rows - head.length - 1;
  const body = state.showsHelp
    ? helpLines(size.columns, style)
    : bodyLines(snapshot, state, { ...size, rows: room }, style);
  const lines = [...head, ...body.slice(0, Math.max(0, room))];
  while (lines.length < size.rows - 1) lines.push('');
  return [...lines.slice(0, Math.max(0, size.rows - 1)), foot];
}

function headLines(snapshot: TopSnapshot, state: TopState, columns: number, style: Style): string[] {
  const { minute, hour, today, holds } = snapshot;
  const clock = `${formatInZone(snapshot.at, snapshot.zone)} ${snapshot.zone}${state.isPaused ? ', paused' : ''}`;
  const title = 'nanocent top';
  const space = columns - title.length - widthOf(clock) - 4;
  const ledger = space >= 8 ? cutTo(visible(snapshot.location), space) : '';
  const first = padTo(`${title}  ${ledger}`, columns - widthOf(clock) - 1);
  const rates = [
    `${money(minute.nanocents)} in the last minute`,
    `${money(hour.nanocents)} in the last hour`,
    `${money(today.nanocents)} today in ${counted(today.calls, 'call')}`,
    ...(today.unpricedCalls > 0n ? [`${grouped(today.unpricedCalls)} unpriced`] : []),
    `${money(sumHeld(holds))} held in ${counted(holds.length, 'hold')}${snapshot.hasMoreHolds ? ' and more' : ''}`,
  ];
  const lines = flowed(rates, ' · ', columns).map((line) => style.cyan(line));
  return [style.bold(cutTo(`${first} ${clock}`, columns)), ...lines, ''];
}

/** Parts in as many lines as they need. */
function flowed(parts: readonly string[], between: string, columns: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + widthOf(between) + widthOf(part) <= columns) {
      lines[lines.length - 1] = last + between + part;
    } else lines.push(cutTo(part, columns));
  }
  return lines;
}

function sumHeld(holds: readonly OpenHold[]): bigint {
  return holds.reduce((sum, { nanocents }) => sum + (nanocents ?? 0n), 0n);
}

function footLine(state: TopState, columns: number, style: Style): string {
  if (state.typing !== null)
    return cutTo(`filter: ${visible(state.typing)}█  (Enter sets it, Esc leaves it)`, columns);
  const filter = state.filter === '' ? '' : `: ${visible(state.filter)}`;
  const parts = ['q quit', `s sort: ${state.sort}`, `f filter${filter}`, '↑↓ move', 'space pause', '? help'];
  return style.dim(flowed(parts, '   ', columns)[0]!);
}

/** Limits and holds take what they need, up to a third and a quarter of the room; calls have the rest. */
function bodyLines(snapshot: TopSnapshot, state: TopState, size: Size, style: Style): string[] {
  const limits = section('Limits', limitTable(snapshot, size, style), Math.floor(size.rows / 3), style);
  const holds = section('Holds', holdTable(snapshot, size, style), Math.floor(size.rows / 4), style);
  const above = [...limits, ...holds];
  return [...above, ...callLines(snapshot, state, { ...size, rows: size.rows - above.length }, style)];
}

/** A table cut to its room, with a word on what is left out; nothing where there is nothing. */
function section(title: string, table: readonly string[], linesMax: number, style: Style): string[] {
  const [heading, ...rows] = table;
  const room = linesMax - 2;
  if (heading === undefined || rows.length === 0 || room < 1) return [];
  const shown = rows.length <= room ? rows : rows.slice(0, Math.max(1, room - 1));
  const more =
    rows.length > shown.length
      ? [style.dim(`… ${grouped(rows.length - shown.length)} more ${title.toLowerCase()}`)]
      : [];
  return [heading, ...shown, ...more, ''];
}

/** Heading and rows, without the rule between them. */
function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
  style: Style,
): string[] {
  const lines = renderTable(columns, rows, { width, style }).text.split('\n').slice(0, -1);
  return [lines[0]!, ...lines.slice(2)];
}

const barCells = 12;

function limitTable(snapshot: TopSnapshot, { columns: width }: Size, style: Style): string[] {
  const tightest = [...snapshot.limits].sort((left, right) => usedShare(right) - usedShare(left));
  const rows = tightest.map((state): Cell[] => {
    const { limit, used, held } = state;
    const amount = (value: bigint) => (limit.type === 'cost' ? money(value) : amountText(limit, value));
    const paint = usedShare(state) >= 1000 ? style.red : usedShare(state) >= 800 ? style.yellow : style.green;
    const subject = subjectText(state.subject)
      .trim()
      .replace(/^\(|\)$/g, '');
    return [
      subject || coveredText(limit.selector),
      `${limit.type}${windowText(limit.window)}`,
      limit.max < 0n ? null : { text: bar(state), paint },
      amount(used),
      held === 0n ? null : amount(held),
      limit.max < 0n ? maximumText(limit) : amount(limit.max),
      state.resetsAt === null ? null : until(state.resetsAt - snapshot.at),
    ];
  });
  const right = 'right' as const;
  const columns: Column[] = [
    { title: 'Limit', cutTo: 10 },
    { title: 'Counts', cutTo: 10 },
    { title: '█ used ▒ held', optional: 2 },
    { title: 'Used', align: right },
    { title: 'Held', align: right, optional: 1 },
    { title: 'Maximum', align: right },
    { title: 'Resets in', align: right, optional: 3 },
  ];
  return rows.length === 0 ? [] : tableLines(columns, rows, width, style);
}

/** Used and held in thousandths of the maximum; a limit without a bound is never tight. */
function usedShare({ limit, used, held }: LimitState): number {
  if (limit.max < 0n) return -1;
  return limit.max === 0n ? 1000 : Number(((used + held) * 1000n) / limit.max);
}

function bar({ limit, used, held }: LimitState): string {
  const cells = (value: bigint) =>
    limit.max === 0n
      ? barCells
      : Math.min(barCells, Number((value * BigInt(barCells) + limit.max - 1n) / limit.max));
  const full = cells(used);
  const both = Math.max(full, cells(used + held));
  return '█'.repeat(full) + '▒'.repeat(both - full) + '░'.repeat(barCells - both);
}

function holdTable({ holds, at }: TopSnapshot, { columns: width }: Size, style: Style): string[] {
  const costs = moneyCells(holds.map(({ nanocents }) => nanocents));
  const rows = holds.map((hold, index): Cell[] => [
    hold.model,
    hold.username,
    costs[index]!,
    until(at - hold.since),
    hold.expiresAt <= at ? { text: 'due', paint: style.yellow } : until(hold.expiresAt - at),
  ]);
  const right = 'right' as const;
  const columns: Column[] = [
    { title: 'Hold for', cutTo: 12 },
    { title: 'User', cutTo: 8, optional: 1 },
    { title: 'Held', align: right },
    { title: 'Age', align: right },
    { title: 'Ends in', align: right, optional: 2 },
  ];
  return rows.length === 0 ? [] : tableLines(columns, rows, width, style);
}

function callLines(snapshot: TopSnapshot, state: TopState, size: Size, style: Style): string[] {
  const calls = arranged(snapshot.calls, state);
  if (calls.length === 0) {
    const none =
      snapshot.calls.length === 0
        ? 'no calls yet: they appear here as they are booked'
        : 'no calls match the filter';
    return [style.dim(cutTo(none, size.columns))];
  }
  const room = Math.max(0, size.rows - 1);
  const from = Math.min(state.scroll, Math.max(0, calls.length - room));
  return tableLines(
    callColumns,
    callRows(calls.slice(from, from + room), snapshot.zone, style),
    size.columns,
    style,
  );
}

const callColumns: readonly Column[] = [
  { title: 'Time' },
  { title: 'Model', cutTo: 12 },
  { title: 'Prompt', align: 'right', optional: 3 },
  { title: 'Completion', align: 'right', optional: 3 },
  { title: 'Cost', align: 'right' },
  { title: 'User', cutTo: 8, optional: 4 },
  { title: 'Caller', cutTo: 8, optional: 5 },
  { title: 'Project', cutTo: 8, optional: 6 },
  { title: 'Known by', optional: 7 },
];

function callRows(calls: readonly Entry[], zone: string, style: Style): Cell[][] {
  const costs = moneyCells(calls.map(({ nanocents }) => nanocents));
  return calls.map((call, index) => [
    formatInZone(call.at, zone).slice(5),
    call.model,
    count(promptTokens(call.usage)),
    count(call.usage.output),
    costs[index] === null ? { text: 'unpriced', paint: style.yellow } : costs[index]!,
    call.username,
    call.caller,
    call.project,
    call.basis,
  ]);
}

function helpLines(columns: number, style: Style): string[] {
  const keys: readonly (readonly [string, string])[] = [
    ['q, Ctrl-C', 'quit'],
    ['s, →', 'sort calls by the next of time, cost, tokens, model; S and ← go back'],
    ['f, /', 'show only calls with these words in model, user, caller, project, session or purpose'],
    ['Esc', 'no filter'],
    ['↑ ↓, k j', 'move through the calls; Page Up, Page Down, Home, End'],
    ['space', 'stop and go on'],
    ['?', 'this help; any key leaves it'],
  ];
  const lines = keys.map(([key, text]) => cutTo(`  ${padTo(key, 12)}${text}`, columns));
  return [style.bold('Keys'), ...lines];
}

function count(value: number | null): string | null {
  return value === null ? null : grouped(value);
}

function money(amount: bigint): string {
  return formatUsdRounded(amount);
}

/** `42s`, `12m`, `3h 05m`, `12d`. */
function until(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h ${String(minutes % 60).padStart(2, '0')}m` : `${Math.floor(hours / 24)}d`;
}
