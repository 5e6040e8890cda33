import type { Catalog } from '../../prices/index.ts';
import { formatInZone, type Period, periodOf } from '../../time/index.ts';
import type { AgentLogs, Calls } from './agent-logs.ts';
import type { AgentName } from './agent-message.ts';
import { type Block, blockSlots } from './blocks.ts';
import { addSums, type Cell, noSums, pricedCells, type Sums } from './priced-cells.ts';

export const agentViews = ['total', 'daily', 'weekly', 'monthly', 'session', 'blocks'] as const;
export type AgentView = (typeof agentViews)[number];
export const agentDimensions = ['model', 'project', 'agent'] as const;
export type AgentDimension = (typeof agentDimensions)[number];

export interface AgentReportQuery {
  readonly view: AgentView;
  /** Rows within each row; in the view `total` the rows themselves. */
  readonly by?: AgentDimension;
  /** Models within each row, where `by` names no rows within. */
  readonly breakdown?: boolean;
  /** Only this agent's calls. */
  readonly agent?: AgentName;
  /** Only calls of which the log says exactly this. */
  readonly only?: CallsOnly;
  /** Calls in `[since, until)`; epoch milliseconds UTC, null is open. */
  readonly since: number | null;
  readonly until: number | null;
  /** IANA zone in which days, weeks and months turn. */
  readonly zone: string;
  readonly now: number;
}

/** Values that a log can say; the caller is the agent. */
export type CallsOnly = Readonly<
  Partial<Record<'model' | 'provider' | 'project' | 'session' | 'caller', string>>
>;

export interface ReportRow {
  /** A day `2026-11-22`, a session's id, a model …; null is "without". */
  readonly key: string | null;
  readonly period: Period | null;
  readonly sums: Sums;
  /** Dearest first. */
  readonly models: readonly string[];
  readonly agents: readonly AgentName[];
  readonly projects: readonly string[];
  readonly parts: readonly ReportRow[];
  readonly block: Block | null;
}

export interface UnpricedModel {
  readonly model: string;
  readonly provider: string | null;
  readonly reason: string;
  readonly calls: number;
}

export interface AgentReport {
  readonly query: AgentReportQuery;
  readonly rows: readonly ReportRow[];
  readonly totals: ReportRow;
  readonly unpriced: readonly UnpricedModel[];
}

/** What the agents' calls were and cost, in rows of the wanted kind. */
export async function agentReport(
  logs: AgentLogs,
  query: AgentReportQuery,
  catalog: Catalog,
): Promise<AgentReport> {
  const slots = slotsFor(logs.calls, query);
  const isAsked = callTest(logs.calls, query);
  const cells = await pricedCells(logs.calls, {
    catalog,
    // Asked for every call: where a block begins depends on the calls before the period, too.
    slotOf: (row) => {
      const slot = slots.slotOf(row);
      return isAsked(row) ? slot : -1;
    },
  });
  const rows = query.view === 'total' ? totalRows(cells, query) : slotRows(cells, slots, query);
  return { query, rows, totals: rowOf('All', cells), unpriced: unpricedModels(cells) };
}

function totalRows(cells: readonly Cell[], { by = 'agent', breakdown }: AgentReportQuery): ReportRow[] {
  return grouped(cells, by)
    .map(([key, own]) => ({
      ...rowOf(key, own),
      parts:
        breakdown && by !== 'model'
          ? dearestFirst(grouped(own, 'model').map(([key, part]) => rowOf(key, part)))
          : [],
    }))
    .sort(byCost);
}

function slotRows(
  cells: readonly Cell[],
  slots: Slots,
  { view, by, breakdown }: AgentReportQuery,
): ReportRow[] {
  const bySlot = new Map<number, Cell[]>();
  for (const cell of cells) {
    const own = bySlot.get(cell.slot);
    if (own === undefined) bySlot.set(cell.slot, [cell]);
    else own.push(cell);
  }
  const within = by ?? (breakdown ? 'model' : null);
  const rows = [...bySlot].map(
    ([slot, own]): ReportRow => ({
      ...rowOf(slots.keyOf(slot), own),
      period: slots.periodOf(slot),
      block: slots.blockOf(slot, own),
      parts: within === null ? [] : dearestFirst(grouped(own, within).map(([key, part]) => rowOf(key, part))),
    }),
  );
  const start = (row: ReportRow) => (view === 'session' ? row.sums.lastAt : row.period!.start);
  return rows.sort((left, right) => start(left) - start(right) || (left.key! < right.key! ? -1 : 1));
}

function grouped(cells: readonly Cell[], by: AgentDimension): [string | null, Cell[]][] {
  const groups = new Map<string | null, Cell[]>();
  for (const cell of cells) {
    const key = cell[by];
    const own = groups.get(key);
    if (own === undefined) groups.set(key, [cell]);
    else own.push(cell);
  }
  return [...groups];
}

function rowOf(key: string | null, cells: readonly Cell[]): ReportRow {
  const sums = noSums();
  for (const cell of cells) addSums(sums, cell);
  const listed = (by: AgentDimension) =>
    dearestFirst(grouped(cells, by).map(([key, own]) => ({ key, sums: sumOf(own) })))
      .map(({ key }) => key)
      .filter((key) => key !== null);
  return {
    key,
    period: null,
    sums,
    models: listed('model'),
    agents: listed('agent') as AgentName[],
    projects: listed('project'),
    parts: [],
    block: null,
  };
}

function sumOf(cells: readonly Cell[]): Sums {
  const sums = noSums();
  for (const cell of cells) addSums(sums, cell);
  return sums;
}

function dearestFirst<Row extends { readonly key: string | null; readonly sums: Sums }>(rows: Row[]): Row[] {
  return rows.sort(byCost);
}

/** Dearest first, then most tokens, then by name: always the same order. */
function byCost(left: Pick<ReportRow, 'key' | 'sums'>, right: Pick<ReportRow, 'key' | 'sums'>): number {
  const cost = right.sums.nanocents - left.sums.nanocents;
  if (cost !== 0n) return cost > 0n ? 1 : -1;
  return totalTokens(right.sums) - totalTokens(left.sums) || ((left.key ?? '') < (right.key ?? '') ? -1 : 1);
}

export function totalTokens({ input, cacheRead, cacheWrite, output }: Sums): number {
  return input + cacheRead + cacheWrite + output;
}

/** Which row a call belongs to, and what that row is. */
export interface Slots {
  slotOf(row: number): number;
  keyOf(slot: number): string | null;
  periodOf(slot: number): Period | null;
  blockOf(slot: number, cells: readonly Cell[]): Block | null;
}

function slotsFor(calls: Calls, query: AgentReportQuery): Slots {
  switch (query.view) {
    case 'daily':
    case 'weekly':
    case 'monthly':
      return periodSlots(calls, query.view, query.zone);
    case 'session':
      return {
        ...onlySlot,
        slotOf: (row) => calls.table.columns.session[row]!,
        keyOf: (slot) => calls.table.names[slot]!,
      };
    case 'blocks':
      return blockSlots(calls, query);
    case 'total':
      return onlySlot;
  }
}

const onlySlot: Slots = { slotOf: () => 0, keyOf: () => null, periodOf: () => null, blockOf: () => null };

function periodSlots(calls: Calls, view: 'daily' | 'weekly' | 'monthly', zone: string): Slots {
  const { at } = calls.table.columns;
  const periods: Period[] = [];
  const byStart = new Map<number, number>();
  let current: Period = { start: 0, end: 0 };
  let slot = -1;
  return {
    ...onlySlot,
    slotOf(row) {
      const instant = at[row]!;
      if (instant >= current.start && instant < current.end) return slot;
      current = periodOf(view, instant, zone);
      slot = byStart.get(current.start) ?? periods.push(current) - 1;
      byStart.set(current.start, slot);
      return slot;
    },
    keyOf: (slot) => formatInZone(periods[slot]!.start, zone).slice(0, view === 'monthly' ? 7 : 10),
    periodOf: (slot) => periods[slot]!,
  };
}

function callTest(calls: Calls, query: AgentReportQuery): (row: number) => boolean {
  const { since, until, agent = query.only?.caller } = query;
  const { columns, names } = calls.table;
  const { at } = columns;
  const wanted = (['model', 'provider', 'project', 'session'] as const).flatMap((field) => {
    const value = query.only?.[field];
    return value === undefined ? [] : [{ column: columns[field], number: names.indexOf(value) }];
  });
  const from = since ?? Number.NEGATIVE_INFINITY;
  const to = until ?? Number.POSITIVE_INFINITY;
  return (row) =>
    at[row]! >= from &&
    at[row]! < to &&
    (agent === undefined || calls.agentOf(row) === agent) &&
    wanted.every(({ column, number }) => column[row] === number);
}

function unpricedModels(cells: readonly Cell[]): UnpricedModel[] {
  const models = new Map<string, { model: string; provider: string | null; reason: string; calls: number }>();
  for (const { model, provider, unpricedReason: reason, unpricedCalls } of cells) {
    if (reason === null) continue;
    const key = JSON.stringify([provider, model, reason]);
    const known = models.get(key);
    if (known === undefined) models.set(key, { model, provider, reason, calls: unpricedCalls });
    else known.calls += unpricedCalls;
  }
  return [...models.values()].sort(
    (left, right) => right.calls - left.calls || (left.model < right.model ? -1 : 1),
  );
}
