import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Skipped } from './agent-logs.ts';
import { nothingSkipped } from './agent-reader.ts';
import type { LogFile } from './discover-logs.ts';
import { type Columns, columnNames, columnTypes, MessageTable, type RowRange } from './message-table.ts';

/** Counted up whenever a reader reads differently or the layout changes: what was kept before is then read anew. */
const cacheVersion = 1;

/** What one file gave. */
export interface FileRows extends RowRange {
  readonly file: LogFile;
  readonly skipped: Skipped;
}

export interface LogCache {
  readonly table: MessageTable;
  /** By path. */
  readonly files: ReadonlyMap<string, FileRows>;
}

/** null where nothing was kept, or nothing that can be used: then the logs are read, and nobody needs to know. */
export function loadLogCache(path: string): LogCache | null {
  try {
    return decodeLogs(readFileSync(path));
  } catch {
    // Missing, not readable, damaged, or of another version: a cache is never needed.
    return null;
  }
}

/** Puts the file there whole or not at all, readable for its owner only. A cache that cannot be kept is no failure. */
export function saveLogCache(path: string, table: MessageTable, files: readonly FileRows[]): void {
  const temporary = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, encodeLogs(table, files), { mode: 0o600 });
    renameSync(temporary, path);
  } catch {
    // A full disk or a folder that is not ours: the next run reads the logs again.
    rmSync(temporary, { force: true });
  }
}

const magic = 'nanocent agent logs\n';
/** Magic, then 32 bits each: checksum of all that follows, length of the header. */
const prefixBytes = 32;
const checksumAt = 20;
const headerLengthAt = 24;

type KeptFile = readonly [file: LogFile, start: number, count: number, skipped: readonly number[]];

interface Header {
  readonly version: number;
  readonly files: readonly KeptFile[];
  readonly names: readonly (string | null)[];
  readonly count: number;
  readonly idBytes: number;
}

export function encodeLogs(table: MessageTable, files: readonly FileRows[]): Buffer {
  const kept = files.map(
    ({ file, start, count, skipped }): KeptFile => [file, start, count, Object.values(skipped)],
  );
  const { names, count, idBytesUsed } = table;
  const header: Header = { version: cacheVersion, files: kept, names, count, idBytes: idBytesUsed };
  const headerBytes = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(prefixBytes);
  prefix.write(magic, 'latin1');
  prefix.writeUInt32LE(headerBytes.length, headerLengthAt);
  const parts = [prefix, headerBytes, gap(headerBytes.length)];
  for (const name of columnNames) {
    const cells = table.columns[name].subarray(0, count);
    const bytes = Buffer.from(cells.buffer, cells.byteOffset, cells.byteLength);
    parts.push(bytes, gap(bytes.length));
  }
  parts.push(table.idBytes.subarray(0, idBytesUsed));
  const whole = Buffer.concat(parts);
  whole.writeUInt32LE(crc32(whole.subarray(headerLengthAt)), checksumAt);
  return whole;
}

/** Throws for anything that is not whole and of this version. */
export function decodeLogs(read: Buffer): LogCache {
  // Columns are views, and need their numbers on whole boundaries.
  const bytes = read.byteOffset % 8 === 0 ? read : Buffer.from(new Uint8Array(read).buffer);
  const isWhole =
    bytes.toString('latin1', 0, magic.length) === magic &&
    bytes.readUInt32LE(checksumAt) === crc32(bytes.subarray(headerLengthAt));
  if (!isWhole) throw new Error('not a whole cache');
  const headerEnd = prefixBytes + bytes.readUInt32LE(headerLengthAt);
  const header = JSON.parse(bytes.toString('utf8', prefixBytes, headerEnd)) as Header;
  if (header.version !== cacheVersion) throw new Error('another version');
  let at = aligned(headerEnd);
  const columns = Object.fromEntries(
    columnNames.map((name) => {
      const column = new columnTypes[name](bytes.buffer as ArrayBuffer, bytes.byteOffset + at, header.count);
      at = aligned(at + column.byteLength);
      return [name, column];
    }),
  ) as unknown as Columns;
  const idBytes = bytes.subarray(at, at + header.idBytes);
  const table = MessageTable.of({ columns, count: header.count, names: header.names, idBytes });
  const files = header.files.map(([file, start, count, skipped]): [string, FileRows] => [
    file.path,
    { file, start, count, skipped: skippedOf(skipped) },
  ]);
  return { table, files: new Map(files) };
}

function skippedOf(values: readonly number[]): Skipped {
  const names = Object.keys(nothingSkipped());
  return Object.fromEntries(names.map((name, index) => [name, values[index]])) as unknown as Skipped;
}

function aligned(at: number): number {
  return Math.ceil(at / 8) * 8;
}

function gap(length: number): Buffer {
  return Buffer.alloc(aligned(length) - length);
}
