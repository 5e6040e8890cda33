import { type Catalog, chargeFor } from '../../prices/index.ts';
import type { Usage } from '../../usage/usage.ts';
import type { Calls } from './agent-logs.ts';
import type { AgentName } from './agent-message.ts';
import { type CallPrice, openCallPrices, usageOf } from './call-prices.ts';
import type { Counts } from './message-table.ts';

/** Calls that are alike in all that a report asks for, summed and priced. */
export interface Cell extends Sums {
  /** The row of the report, as its caller numbers them. */
  readonly slot: number;
  readonly agent: AgentName;
  readonly model: string;
  readonly provider: string | null;
  readonly project: string | null;
  /** Why calls of it have no price; null when all have one. */
  unpricedReason: string | null;
}

export interface Sums {
  calls: number;
  /** Tokens neither read from a cache nor written to one. */
  input: number;
  cacheRead: number;
  cacheWrite: number;
  /** Reasoning included. */
  output: number;
  reasoning: number;
  /** Of the calls that have a price. */
  nanocents: bigint;
  unpricedCalls: number;
  exact: number;
  partial: number;
  heuristic: number;
  /** Instants of the first call and of the last. */
  firstAt: number;
  lastAt: number;
}

export interface CellOptions {
  readonly catalog: Catalog;
  /** The number of the row that a call belongs to, or −1 to leave it out. */
  slotOf(row: number): number;
}

/** Sums and prices calls; a call without a price is counted as such, never as 0. */
export async function pricedCells(calls: Calls, { catalog, slotOf }: CellOptions): Promise<Cell[]> {
  const { table } = calls;
  const prices = await openCallPrices(calls, catalog);
  const cells = new Map<string, OpenCell>();
  let last: OpenCell | null = null;
  for (const row of calls.rows) {
    const slot = slotOf(row);
    if (slot === -1) continue;
    const counts = table.counts(row);
    const price = prices.of(row, counts);
    const project = table.columns.project[row]!;
    if (last === null || last.cell.slot !== slot || last.price !== price || last.project !== project) {
      last = cellOf({ slot, price, project });
    }
    addCall(last, counts);
    addInstant(last.cell, table.columns.at[row]!);
    last.cell[calls.confidenceOf(row)] += 1;
  }
  return [...cells.values()].map((open) => {
    settle(open);
    return open.cell;
  });

  function cellOf(as: { slot: number; price: CallPrice; project: number }): OpenCell {
    const { slot, price, project } = as;
    const key = `${slot}|${price.number}|${project}`;
    const known = cells.get(key);
    if (known !== undefined) return known;
    const { agent, model, provider } = price.kind;
    const described = { slot, agent, model, provider, project: table.names[project]!, unpricedReason: null };
    const open: OpenCell = { cell: { ...described, ...noSums() }, price, project, pending: null };
    cells.set(key, open);
    return open;
  }
}

export function noSums(): Sums {
  return {
    calls: 0,
    input: 0,
    cacheRead: 0,
    cacheWrite: 0,
    output: 0,
    reasoning: 0,
    nanocents: 0n,
    unpricedCalls: 0,
    exact: 0,
    partial: 0,
    heuristic: 0,
    firstAt: Number.POSITIVE_INFINITY,
    lastAt: Number.NEGATIVE_INFINITY,
  };
}

export function addSums(to: Sums, from: Sums): void {
  to.calls += from.calls;
  to.input += from.input;
  to.cacheRead += from.cacheRead;
  to.cacheWrite += from.cacheWrite;
  to.output += from.output;
  to.reasoning += from.reasoning;
  to.nanocents += from.nanocents;
  to.unpricedCalls += from.unpricedCalls;
  to.exact += from.exact;
  to.partial += from.partial;
  to.heuristic += from.heuristic;
  addInstant(to, from.firstAt);
  addInstant(to, from.lastAt);
}

function addInstant(to: Sums, at: number): void {
  if (at < to.firstAt) to.firstAt = at;
  if (at > to.lastAt) to.lastAt = at;
}

interface OpenCell {
  readonly cell: Cell;
  readonly price: CallPrice;
  readonly project: number;
  /** Counts not priced yet. */
  pending: Pending | null;
}

type Pending = { -readonly [Name in keyof Counts]: number } & { calls: number };

/** Priced before they grow beyond what is believed of one usage. */
const pendingCallsMax = 900;

function addCall(open: OpenCell, counts: Counts): void {
  const { cell, price } = open;
  cell.calls += 1;
  cell.input += counts.input ?? 0;
  cell.cacheRead += counts.cacheRead ?? 0;
  cell.cacheWrite += (counts.cacheWrite5m ?? 0) + (counts.cacheWrite1h ?? 0) + (counts.cacheWrite ?? 0);
  cell.output += counts.output ?? 0;
  cell.reasoning += counts.reasoning ?? 0;
  if (price.how === 'together') {
    open.pending ??= noCounts();
    addCounts(open.pending, counts);
    if (open.pending.calls >= pendingCallsMax) settle(open);
  } else if (price.how === 'alone') charge(cell, { usage: usageOf(counts), price, calls: 1 });
  else unpriced(cell, price.reason, 1);
}

/** Prices what was added since the last time. */
function settle(open: OpenCell): void {
  if (open.pending === null || open.price.how !== 'together') return;
  const { calls, ...counts } = open.pending;
  charge(open.cell, { usage: usageOf(counts), price: open.price, calls });
  open.pending = null;
}

function charge(
  cell: Cell,
  { usage, price, calls }: { usage: Usage; price: Exclude<CallPrice, { how: 'none' }>; calls: number },
): void {
  const pricing =
    price.how === 'together'
      ? chargeFor(usage, price.flat)
      : chargeFor(usage, price.price, { terms: price.kind.terms });
  if (pricing.outcome === 'priced') cell.nanocents += pricing.charge.nanocents;
  else unpriced(cell, pricing.reason, calls);
}

function unpriced(cell: Cell, reason: string, calls: number): void {
  cell.unpricedCalls += calls;
  cell.unpricedReason = reason;
}

function noCounts(): Pending {
  return {
    input: 0,
    cacheRead: 0,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    cacheWrite: 0,
    output: 0,
    reasoning: 0,
    webSearch: 0,
    calls: 0,
  };
}

function addCounts(to: Pending, counts: Counts): void {
  to.input += counts.input ?? 0;
  to.cacheRead += counts.cacheRead ?? 0;
  to.cacheWrite5m += counts.cacheWrite5m ?? 0;
  to.cacheWrite1h += counts.cacheWrite1h ?? 0;
  to.cacheWrite += counts.cacheWrite ?? 0;
  to.output += counts.output ?? 0;
  to.reasoning += counts.reasoning ?? 0;
  to.webSearch += counts.webSearch;
  to.calls += 1;
}
