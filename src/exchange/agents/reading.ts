import type { Skipped } from './agent-logs.ts';
import type { AgentName } from './agent-message.ts';
import { type AgentReader, nothingSkipped, type ReaderContext } from './agent-reader.ts';
import { openClaudeCode } from './claude-code.ts';
import { openCodex } from './codex.ts';
import type { LogFile } from './discover-logs.ts';
import { openGeminiCli } from './gemini-cli.ts';
import type { FileRows, LogCache } from './log-cache.ts';
import { openLineReader } from './matching-lines.ts';
import { MessageTable } from './message-table.ts';
import { openOpenCode } from './opencode.ts';

/** Rows kept in memory, about 150 bytes each; files after that are left out, and said so. */
export const callsMax = 10_000_000;
const readers: Readonly<Record<AgentName, (context: ReaderContext) => AgentReader>> = {
  'claude-code': openClaudeCode,
  codex: openCodex,
  'gemini-cli': openGeminiCli,
  opencode: openOpenCode,
};

/** What was read so far, in one table. */
export interface Reading {
  readonly table: MessageTable;
  readonly skipped: Skipped;
  /** By their number in the table. */
  readonly files: readonly FileRows[];
  readonly unreadable: string[];
  readonly filesLeftOut: number;
  readonly bytesRead: number;
  readonly bytesCached: number;
  /** Reads a file, or takes it from the cache where it has not changed. */
  take(file: LogFile): void;
  /** Takes a file that somebody else has read just now. */
  adopt(from: LogCache, file: LogFile): void;
}

export function openReading(cache: LogCache | null): Reading {
  const table = new MessageTable(cache?.table.count);
  const skipped = nothingSkipped();
  const lines = openLineReader();
  const files: FileRows[] = [];
  // Weak: what was copied out of is as large as the table, and needed no more.
  const names = new WeakMap<LogCache, Uint32Array>();
  const reading = {
    table,
    skipped,
    files,
    unreadable: [] as string[],
    filesLeftOut: 0,
    bytesRead: 0,
    bytesCached: 0,
    take(file: LogFile): void {
      const kept = keptRows(cache, file);
      if (table.count >= callsMax) reading.filesLeftOut += 1;
      else if (kept === null) readAnew(file);
      else {
        copy(cache!, kept);
        reading.bytesCached += file.bytes;
      }
    },
    adopt(from: LogCache, file: LogFile): void {
      const rows = from.files.get(file.path);
      if (rows === undefined || table.count >= callsMax) reading.filesLeftOut += 1;
      else {
        copy(from, rows);
        reading.bytesRead += file.bytes;
      }
    },
  };
  return reading;

  function copy(from: LogCache, rows: FileRows): void {
    const numbers = names.get(from) ?? Uint32Array.from(from.table.names, (name) => table.name(name));
    names.set(from, numbers);
    const start = table.count;
    table.copyRows(from.table, rows, { file: files.length, names: numbers });
    files.push({ ...rows, start });
    addUp(skipped, rows.skipped);
  }

  function readAnew(file: LogFile): void {
    const start = table.count;
    const own = nothingSkipped();
    try {
      readers[file.agent]({ table, skipped: own, lines }).read(file, files.length);
    } catch (error) {
      // Closed to us, or gone since it was found. Anything but the file system's word is our own mistake.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      reading.unreadable.push(file.path);
    }
    files.push({ file, start, count: table.count - start, skipped: own });
    addUp(skipped, own);
    reading.bytesRead += file.bytes;
  }
}

/** What the cache knows of a file that has not changed since; else null. */
export function keptRows(cache: LogCache | null, file: LogFile): FileRows | null {
  const kept = cache?.files.get(file.path);
  return kept?.file.bytes === file.bytes && kept.file.modifiedAt === file.modifiedAt ? kept : null;
}

function addUp(total: Skipped, part: Skipped): void {
  for (const name of Object.keys(total) as (keyof Skipped)[]) total[name] += part[name];
}
