import type { ServedTerms } from '../../usage/reading.ts';
import type { AgentLogs, Calls, ReadLogsOptions, Skipped } from './agent-logs.ts';
import type { AgentMessage, AgentName } from './agent-message.ts';
import { type AgentReader, nothingSkipped, type ReaderContext } from './agent-reader.ts';
import { openClaudeCode } from './claude-code.ts';
import { openCodex } from './codex.ts';
import { dedupe } from './dedupe.ts';
import type { FoundLogs, LogFile } from './discover-logs.ts';
import { openGeminiCli } from './gemini-cli.ts';
import { type FileRows, type LogCache, loadLogCache, saveLogCache } from './log-cache.ts';
import { openLineReader } from './matching-lines.ts';
import { flag, MessageTable } from './message-table.ts';
import { openOpenCode } from './opencode.ts';

/** Rows kept in memory, about 150 bytes each; files after that are left out, and said so. */
export const callsMax = 10_000_000;
/** Between two words about progress, and two chances for everything else in this process. */
const sliceBytes = 16 * 1024 * 1024;
/** Less than this read anew is not worth writing the cache for. */
const worthKeepingBytes = 1024 * 1024;

const readers: Readonly<Record<AgentName, (context: ReaderContext) => AgentReader>> = {
  'claude-code': openClaudeCode,
  codex: openCodex,
  'gemini-cli': openGeminiCli,
  opencode: openOpenCode,
};

/** Reads all found logs and makes each call one message. Broken lines and files are counted, never thrown. */
export async function readAgentLogs(found: FoundLogs, options: ReadLogsOptions = {}): Promise<AgentLogs> {
  const cache = options.cacheFile === undefined ? null : loadLogCache(options.cacheFile);
  const reading = openReading(cache);
  const bytesTotal = found.files.reduce((sum, file) => sum + file.bytes, 0);
  let bytesDone = 0;
  let sliceEnd = sliceBytes;
  for (const file of found.files) {
    reading.take(file);
    bytesDone += file.bytes;
    if (bytesDone < sliceEnd) continue;
    sliceEnd = bytesDone + sliceBytes;
    options.onProgress?.(bytesDone, bytesTotal);
    await new Promise(setImmediate);
  }
  const { table, files, bytesRead } = reading;
  if (options.cacheFile !== undefined && bytesRead >= worthKeepingBytes)
    saveLogCache(options.cacheFile, table, files);
  return agentLogs(found, reading);
}

type Reading = ReturnType<typeof openReading>;

function openReading(cache: LogCache | null) {
  const table = new MessageTable(cache?.table.count);
  const total = nothingSkipped();
  const lines = openLineReader();
  const names = cache === null ? null : Uint32Array.from(cache.table.names, (name) => table.name(name));
  const reading = {
    table,
    skipped: total,
    /** By their number in the table. */
    files: [] as FileRows[],
    unreadable: [] as string[],
    filesLeftOut: 0,
    bytesRead: 0,
    bytesCached: 0,
    take(file: LogFile): void {
      const kept = cache?.files.get(file.path);
      if (table.count >= callsMax) reading.filesLeftOut += 1;
      else if (kept && kept.file.bytes === file.bytes && kept.file.modifiedAt === file.modifiedAt)
        reuse(kept);
      else readAnew(file);
    },
  };

  function reuse(kept: FileRows): void {
    const start = table.count;
    table.copyRows(cache!.table, kept, { file: reading.files.length, names: names! });
    reading.files.push({ ...kept, start });
    addUp(total, kept.skipped);
    reading.bytesCached += kept.file.bytes;
  }

  function readAnew(file: LogFile): void {
    const start = table.count;
    const skipped = nothingSkipped();
    try {
      readers[file.agent]({ table, skipped, lines }).read(file, reading.files.length);
    } catch (error) {
      // Closed to us, or gone since it was found. Anything but the file system's word is our own mistake.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      reading.unreadable.push(file.path);
    }
    reading.files.push({ file, start, count: table.count - start, skipped });
    addUp(total, skipped);
    reading.bytesRead += file.bytes;
  }
  return reading;
}

function addUp(total: Skipped, part: Skipped): void {
  for (const name of Object.keys(total) as (keyof Skipped)[]) total[name] += part[name];
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
  const rows = dedupe(table, agentOf, skipped);
  const codexTier = tierOfCodex(found.codexTier);
  let isSorted = false;
  return {
    table,
    rows,
    sort() {
      const { at } = columns;
      if (!isSorted) rows.sort((left, right) => at[left]! - at[right]! || left - right);
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
