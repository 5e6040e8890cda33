import type { DirectoryKind, DirectoryRow, DirectoryStore, DirectoryWrite } from '../directory.ts';
import { MemoryLogs } from './memory-logs.ts';

/** Names of both kinds in one Map. */
export class MemoryDirectory extends MemoryLogs implements DirectoryStore {
  readonly #names = new Map<string, DirectoryRow>();

  async directoryRow(kind: DirectoryKind, name: string): Promise<DirectoryRow | null> {
    return this.#names.get(keyOf(kind, name)) ?? null;
  }

  async directoryRows(kind: DirectoryKind, after: string | null, limit: number): Promise<DirectoryRow[]> {
    const rows = [...this.#names.values()].filter((row) => row.kind === kind);
    const later = rows.filter(({ name }) => after === null || compareBytes(name, after) > 0);
    return later.sort((left, right) => compareBytes(left.name, right.name)).slice(0, limit);
  }

  async addDirectoryRow(row: DirectoryRow): Promise<DirectoryWrite> {
    if (this.#names.has(keyOf(row.kind, row.name))) return 'taken';
    this.#names.set(keyOf(row.kind, row.name), row);
    return 'written';
  }

  async replaceDirectoryRow(name: string, version: number, row: DirectoryRow): Promise<DirectoryWrite> {
    const key = keyOf(row.kind, name);
    if (this.#names.get(key)?.version !== version) return 'moved';
    const next = keyOf(row.kind, row.name);
    if (next !== key && this.#names.has(next)) return 'taken';
    this.#names.delete(key);
    this.#names.set(next, row);
    return 'written';
  }

  async deleteDirectoryRow(kind: DirectoryKind, name: string): Promise<boolean> {
    return this.#names.delete(keyOf(kind, name));
  }
}

function keyOf(kind: DirectoryKind, name: string): string {
  return `${kind} ${name}`;
}

function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
