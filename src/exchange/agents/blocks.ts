import { formatInZone, type Period } from '../../time/index.ts';
import type { Calls } from './agent-logs.ts';
import type { AgentName } from './agent-message.ts';
import { type AgentReportQuery, type Slots, totalTokens } from './agent-report.ts';
import { addSums, type Cell, noSums } from './priced-cells.ts';

/** Vendors of subscriptions count in windows of five hours from the first call, on the full hour. */
export const blockMs = 5 * 3_600_000;
const hourMs = 3_600_000;
const minuteMs = 60_000;
/** A pace over less says nothing: one call would become a hundred. */
const paceMsMin = 10 * minuteMs;

/** Five hours of one agent. */
export interface Block {
  readonly agent: AgentName;
  readonly period: Period;
  /** It has not ended yet. */
  readonly isActive: boolean;
  /** Until its end; 0 when it has ended. */
  readonly remainingMs: number;
  /** From its first call to now, or to its last call when it has ended; at least ten minutes. */
  readonly elapsedMs: number;
  readonly tokensPerMinute: number;
  readonly nanocentsPerHour: bigint;
  /** At its end, if it goes on as it went so far; null when it has ended. */
  readonly projected: { readonly tokens: number; readonly nanocents: bigint } | null;
}

/** A block begins with the hour of the first call after the one before has ended; each agent has its own. */
export function blockSlots(calls: Calls, { zone, now }: AgentReportQuery): Slots {
  calls.sort();
  const { at } = calls.table.columns;
  const blocks: { readonly agent: AgentName; readonly period: Period }[] = [];
  const current = new Map<AgentName, number>();
  return {
    /** Rows have to come in the order of their instants. */
    slotOf(row) {
      const agent = calls.agentOf(row);
      const slot = current.get(agent);
      if (slot !== undefined && at[row]! < blocks[slot]!.period.end) return slot;
      const start = Math.floor(at[row]! / hourMs) * hourMs;
      const next = blocks.push({ agent, period: { start, end: start + blockMs } }) - 1;
      current.set(agent, next);
      return next;
    },
    keyOf: (slot) => formatInZone(blocks[slot]!.period.start, zone).slice(0, 16),
    periodOf: (slot) => blocks[slot]!.period,
    blockOf: (slot, cells) => ({ ...blocks[slot]!, ...pace(blocks[slot]!.period, cells, now) }),
  };
}

function pace({ end }: Period, cells: readonly Cell[], now: number): Omit<Block, 'agent' | 'period'> {
  const sums = noSums();
  for (const cell of cells) addSums(sums, cell);
  const isActive = now < end && now >= sums.firstAt;
  const elapsedMs = Math.max((isActive ? now : sums.lastAt) - sums.firstAt, paceMsMin);
  const remainingMs = isActive ? end - now : 0;
  const tokens = totalTokens(sums);
  const more = (sums.nanocents * BigInt(remainingMs)) / BigInt(elapsedMs);
  return {
    isActive,
    remainingMs,
    elapsedMs,
    tokensPerMinute: Math.round((tokens * minuteMs) / elapsedMs),
    nanocentsPerHour: (sums.nanocents * BigInt(hourMs)) / BigInt(elapsedMs),
    projected: isActive
      ? { tokens: tokens + Math.round((tokens * remainingMs) / elapsedMs), nanocents: sums.nanocents + more }
      : null,
  };
}
