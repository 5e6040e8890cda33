import type { Skipped } from './agent-logs.ts';
import type { AgentName } from './agent-message.ts';
import type { FileRows } from './log-cache.ts';
import { flag, type MessageTable } from './message-table.ts';

/**
 * The rows that are calls, each once, file by file. Rows of the same call are merged into the first of them.
 * Rules, with where they come from: docs/agents.md, "Each call once".
 */
export function dedupe(
  table: MessageTable,
  { files, skipped }: { readonly files: readonly FileRows[]; readonly skipped: Skipped },
): Uint32Array {
  const ids = openIds(table);
  const kept = new Uint8Array(table.count);
  for (const { file, start, count } of files) {
    for (let row = start; row < start + count; row += 1) take(row, file.agent);
  }
  const rows = new Uint32Array(table.count);
  let keptCount = 0;
  for (const { start, count } of files) {
    for (let row = start; row < start + count; row += 1) if (kept[row] === 1) rows[keptCount++] = row;
  }
  return rows.subarray(0, keptCount);

  function take(row: number, agent: AgentName): void {
    const { columns } = table;
    const before = ids.put(row);
    if (before === -1) {
      kept[row] = 1;
      return;
    }
    const fits = (rule: typeof isReplay) =>
      ids.find(before, (other) => kept[other] === 1 && rule(table, other, row));
    const same = fits(hasSameRequest);
    const other = same === -1 ? fits(isReplay) : same;
    if (other === -1) {
      kept[row] = 1;
    } else if (same === -1 && isSidechain(table, other) !== isSidechain(table, row)) {
      skipped.sidechainCopies += 1;
      // The message itself stands, wherever it comes; its counts are its own.
      kept[other] = isSidechain(table, row) ? 1 : 0;
      kept[row] = 1 - kept[other]!;
    } else {
      const inOneSession = columns.session[other] === columns.session[row];
      skipped[inOneSession ? 'repeated' : 'copies'] += 1;
      table.mergeRows(other, row);
      // Nothing but instant and counts says that these two are one call.
      if (!inOneSession && hasWeakIds.includes(agent)) columns.flags[other]! |= flag.heuristic;
    }
  }
}

const hasWeakIds: readonly AgentName[] = ['codex', 'opencode'];

/** The same response to the same request; a request that is not named may be any. */
function hasSameRequest(table: MessageTable, left: number, right: number): boolean {
  const { requestLength } = table.columns;
  return requestLength[left] === 0 || requestLength[right] === 0 || table.hasSameRequest(left, right);
}

/** The same response under another request: replayed by a sidechain, or copied into another session. */
function isReplay(table: MessageTable, left: number, right: number): boolean {
  const { session } = table.columns;
  return isSidechain(table, left) || isSidechain(table, right) || session[left] !== session[right];
}

function isSidechain(table: MessageTable, row: number): boolean {
  return (table.columns.flags[row]! & flag.sidechain) !== 0;
}

/** Calls with one id that are looked at: a server that gives all its responses the same id must not stop the reading. */
const sameIdMax = 64;

/** Rows by the bytes of their id and their item: an open table of the latest row, and from each row the one before. */
function openIds(table: MessageTable) {
  const { columns, count } = table;
  let size = 1024;
  while (size < count * 2) size *= 2;
  const latest = new Int32Array(size).fill(-1);
  const earlier = new Int32Array(count);
  return {
    /** The row before with the same id, or −1. */
    put(row: number): number {
      let slot = table.hashId(row) & (size - 1);
      while (latest[slot] !== -1) {
        const other = latest[slot]!;
        if (columns.item[other] === columns.item[row] && table.hasSameId(other, row)) break;
        slot = (slot + 1) & (size - 1);
      }
      earlier[row] = latest[slot]!;
      latest[slot] = row;
      return earlier[row]!;
    },
    find(from: number, fits: (row: number) => boolean): number {
      let row = from;
      for (let seen = 0; row !== -1 && seen < sameIdMax; seen += 1) {
        if (fits(row)) return row;
        row = earlier[row]!;
      }
      return -1;
    },
  };
}
