import type { JsonObject } from '../../usage/format.ts';
import type { Skipped } from './agent-logs.ts';
import type { LogFile } from './discover-logs.ts';
import type { LineReader } from './matching-lines.ts';
import type { MessageTable } from './message-table.ts';

/** What a reader of one agent's logs works with. What it adds for a file depends on that file alone. */
export interface ReaderContext {
  readonly table: MessageTable;
  readonly skipped: Skipped;
  readonly lines: LineReader;
}

export interface AgentReader {
  /** Adds the calls of one file to the table. `index` is its number there. Throws what the file system throws. */
  read(file: LogFile, index: number): void;
}

export function nothingSkipped(): Skipped {
  return { malformed: 0, tooLong: 0, synthetic: 0, apiErrors: 0, repeated: 0, copies: 0, sidechainCopies: 0 };
}

/** An instant as a log writes it: ISO 8601, or milliseconds; NaN for anything else, and before 2000. */
export function instantOf(value: unknown): number {
  const at =
    typeof value === 'string'
      ? Date.parse(value)
      : typeof value === 'number'
        ? Math.floor(value)
        : Number.NaN;
  return at >= earliestAt && at <= latestAt ? at : Number.NaN;
}

/** 2000-01-01 and 2200-01-01: a time outside is a slip of a unit. */
const earliestAt = 946_684_800_000;
const latestAt = 7_258_118_400_000;

/** A JSON object, or null for anything else. */
export function parseObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : null;
  } catch {
    // No JSON: counted by the caller.
    return null;
  }
}
