import assert from 'node:assert/strict';
import type { Random } from '../../../src/testing/seeded.ts';

/** One change to a file, as disk.c wrote it down. */
export interface DiskEvent {
  readonly kind: 'opened' | 'written' | 'truncated' | 'synced' | 'unlinked' | 'renamed';
  readonly path: string;
  /** Of a write; of a truncation the new length. */
  readonly offset: number;
  readonly bytes: Buffer;
}

const kinds: Readonly<Record<string, DiskEvent['kind']>> = {
  o: 'opened',
  w: 'written',
  t: 'truncated',
  s: 'synced',
  u: 'unlinked',
  r: 'renamed',
};

export function readRecord(record: Buffer): DiskEvent[] {
  const events: DiskEvent[] = [];
  for (let at = 0; at < record.length; ) {
    const kind = kinds[String.fromCharCode(record[at]!)];
    assert.ok(kind, `the record is whole at byte ${at}`);
    const pathEnd = at + 3 + record.readUInt16LE(at + 1);
    const path = record.toString('utf8', at + 3, pathEnd);
    const offset = Number(record.readBigUInt64LE(pathEnd));
    const end = pathEnd + 12 + record.readUInt32LE(pathEnd + 8);
    events.push({ kind, path, offset, bytes: record.subarray(pathEnd + 12, end) });
    at = end;
  }
  return events;
}

/**
 * What a power cut makes of changes that were not synced: all gone; all there; any of them there, in any order; or any of
 * their 512-byte sectors.
 */
export type CutModel = 'drop' | 'all' | 'subset' | 'torn';

const sectorBytes = 512;

/** A disk on which events happen, and what is on it when the power is cut. Names of files are taken to last at once. */
export class Disk {
  readonly #files = new Map<string, { durable: Buffer; pending: DiskEvent[] }>();

  happen(event: DiskEvent): void {
    const { kind, path, bytes } = event;
    const file = this.#files.get(path) ?? { durable: Buffer.alloc(0), pending: [] };
    if (kind === 'unlinked') return void this.#files.delete(path);
    if (kind === 'renamed') {
      this.#files.delete(path);
      this.#files.set(bytes.toString(), file);
      return;
    }
    // A folder: names of files last anyway.
    if (kind === 'synced' && !this.#files.has(path)) return;
    this.#files.set(path, file);
    if (kind === 'written' || kind === 'truncated') file.pending.push(event);
    if (kind !== 'synced') return;
    file.durable = file.pending.reduce(change, file.durable);
    file.pending = [];
  }

  /** Contents by path. */
  cut(model: CutModel, random: Random): Map<string, Buffer> {
    const found = new Map<string, Buffer>();
    for (const [path, { durable, pending }] of this.#files) {
      const kept = pending.flatMap((event) => keptOf(event, model, random));
      found.set(path, kept.reduce(change, durable));
    }
    return found;
  }
}

function keptOf(event: DiskEvent, model: CutModel, random: Random): DiskEvent[] {
  if (model === 'drop') return [];
  if (model === 'all') return [event];
  if (model === 'subset' || event.kind === 'truncated') return random.onceIn(2) ? [event] : [];
  const sectors: DiskEvent[] = [];
  for (let at = 0; at < event.bytes.length; ) {
    const offset = event.offset + at;
    const size = Math.min(sectorBytes - (offset % sectorBytes), event.bytes.length - at);
    if (random.onceIn(2)) sectors.push({ ...event, offset, bytes: event.bytes.subarray(at, at + size) });
    at += size;
  }
  return sectors;
}

/** What was never written reads as zeroes. The old contents are left alone: others look at them. */
function change(contents: Buffer, { kind, offset, bytes }: DiskEvent): Buffer {
  const length = kind === 'truncated' ? offset : Math.max(contents.length, offset + bytes.length);
  const changed = Buffer.alloc(length);
  contents.copy(changed);
  if (kind === 'written') bytes.copy(changed, offset);
  return changed;
}
