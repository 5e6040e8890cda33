import type { ServedTerms } from '../../usage/reading.ts';
import type { AgentLogs, Calls, ReadLogsOptions } from './agent-logs.ts';
import type { AgentMessage } from './agent-message.ts';
import { dedupe } from './dedupe.ts';
import type { FoundLogs } from './discover-logs.ts';
import { loadLogCache, saveLogCache } from './log-cache.ts';
import { flag } from './message-table.ts';
import { startHelper } from './read-helper.ts';
import { keptRows, openReading, type Reading } from './reading.ts';

/** Between two words about progress, and two chances for everything else in this process. */
const sliceBytes = 16 * 1024 * 1024;
/** Less than this read anew is not worth writing the cache for. */
const worthKeepingBytes = 1024 * 1024;

/** Reads all found logs and makes each call one message. Broken lines and files are counted, never thrown. */
export async function readAgentLogs(found: FoundLogs, options: ReadLogsOptions = {}): Promise<AgentLogs> {
  const cache = options.cacheFile === undefined ? null : loadLogCache(options.cacheFile);
  const reading = openReading(cache);
  const helper = startHelper(found.files.filter((file) => keptRows(cache, file) === null));
  const bytesTotal = found.files.reduce((sum, file) => sum + file.bytes, 0);
  let bytesDone = 0;
  let sliceEnd = sliceBytes;
  for (const file of found.files) {
    bytesDone += file.bytes;
    if (!helper?.files.has(file)) reading.take(file);
    if (bytesDone < sliceEnd) continue;
    sliceEnd = bytesDone + sliceBytes;
    options.onProgress?.(bytesDone, bytesTotal);
    await new Promise(setImmediate);
  }
  await helper?.handOver(reading);
  const { table, files, bytesRead } = reading;
  if (options.cacheFile !== undefined && bytesRead >= worthKeepingBytes) {
    saveLogCache(options.cacheFile, table, files);
  }
  return agentLogs(found, reading);
}

function agentLogs(found: FoundLogs, reading: Reading): AgentLogs {
  const calls = openCalls(found, reading);
  return {
    count: calls.rows.length,
    skipped: reading.skipped,
    unreadable: [...found.unreadable, ...reading.unreadable],
    filesLeftOut: found.filesLeftOut + reading.filesLeftOut,
    bytesRead: reading.bytesRead,
    bytesCached: reading.bytesCached,
    calls,
    *messages() {
      calls.sort();
      for (const row of calls.rows) {
        const { path } = reading.files[calls.table.columns.file[row]!]!.file;
        yield messageOf(calls, row, path);
      }
    },
  };
}

function openCalls(found: FoundLogs, { table, files, skipped }: Reading): Calls {
  const { columns, names } = table;
  const agentOf = (row: number) => files[columns.file[row]!]!.file.agent;
  // Whoever read them: what was written first comes first.
  const place = new Map(found.files.map((file, index) => [file.path, index]));
  const inOrder = [...files].sort((left, right) => place.get(left.file.path)! - place.get(right.file.path)!);
  const rows = dedupe(table, { files: inOrder, skipped });
  const codexTier = tierOfCodex(found.codexTier);
  let isSorted = false;
  return {
    table,
    rows,
    sort() {
      const { at } = columns;
      if (!isSorted) rows.sort((left, right) => at[left]! - at[right]!);
      isSorted = true;
    },
    agentOf,
    confidenceOf(row) {
      const flags = columns.flags[row]!;
      const isTierInferred = codexTier !== null && agentOf(row) === 'codex';
      if ((flags & flag.heuristic) !== 0 || isTierInferred) return 'heuristic';
      return (flags & flag.ended) === 0 ? 'partial' : 'exact';
    },
    termsOf(row) {
      const tier = agentOf(row) === 'codex' ? codexTier : names[columns.tier[row]!];
      const region = names[columns.region[row]!];
      return tier || region ? { ...(tier ? { tier } : {}), ...(region ? { region } : {}) } : standard;
    },
  };
}

const standard: ServedTerms = {};

/** Codex calls by the name of its setting what the price list has as `priority`. */
function tierOfCodex(configured: string | null): string | null {
  if (configured === null || ['auto', 'default', 'standard'].includes(configured)) return null;
  return configured === 'fast' ? 'priority' : configured;
}

function messageOf(calls: Calls, row: number, sourceFile: string): AgentMessage {
  const { table } = calls;
  const { columns, names } = table;
  const agent = calls.agentOf(row);
  const flags = columns.flags[row]!;
  const { webSearch, ...counts } = table.counts(row);
  // OpenCode's rows are told apart by more than their id, which stands in the other place.
  const id = agent === 'opencode' ? table.requestId(row) : table.id(row);
  const requestId = agent === 'claude-code' ? table.requestId(row) : '';
  return {
    agent,
    at: columns.at[row]!,
    model: names[columns.model[row]!] ?? '',
    provider: names[columns.provider[row]!] ?? null,
    sessionId: names[columns.session[row]!] ?? null,
    project: names[columns.project[row]!] ?? null,
    usage: { ...counts, units: webSearch === 0 ? {} : { webSearch } },
    terms: calls.termsOf(row),
    requestId: requestId || null,
    messageId: (flags & flag.anonymous) === 0 ? id || null : null,
    item: columns.item[row]!,
    confidence: calls.confidenceOf(row),
    modelAssumed: (flags & flag.modelAssumed) !== 0,
    sourceFile,
  };
}
