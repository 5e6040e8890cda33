import { randomUUID } from 'node:crypto';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { NanocentError } from '../errors/error.ts';
import { formatUsd } from '../money/index.ts';
import type { EndingRequest } from './ending.ts';
import type { LedgerService } from './ledger.ts';
import { appendSynced, codeOf, makeFolder, namesIn, remove, syncFolder, writeSynced } from './spool-files.ts';
import { encodeFrame, type ReadFrames, readFrames } from './spool-frames.ts';
import { replayEndings } from './spool-replay.ts';

export interface SpoolOptions {
  /** Made, for this user alone, when the first ending is kept. */
  readonly folder: string;
  readonly ledgerId: string;
  /** Milliseconds since the epoch, of this machine: the store's clock is not at hand when this is needed. */
  readonly now: () => number;
  readonly bounds?: Partial<SpoolBounds>;
}

export interface SpoolBounds {
  /** Of everything that waits; an ending beyond it is not kept, and said so. */
  readonly bytesMax: number;
  readonly endingsMax: number;
  /** While more wait, or one waits longer, no new call is admitted. */
  readonly admitEndingsMax: number;
  readonly admitAgeMs: number;
}

export const spoolBoundsDefault: SpoolBounds = {
  bytesMax: 64 << 20,
  endingsMax: 100_000,
  admitEndingsMax: 1_000,
  admitAgeMs: 60_000,
};

export interface SpoolState {
  readonly folder: string;
  /** Endings that wait to be booked, of every process that uses this folder. */
  readonly endings: number;
  readonly bytes: number;
  /** When the oldest of them was kept; null when none waits. */
  readonly oldestAt: number | null;
  /** Files with what was damaged, or could not be booked: for a person to look at. */
  readonly aside: number;
}

/** Files kept for inspection; above it what would become one more stays where it is. */
export const asideFilesMax = 1_000;
/** One process keeps its own file, and begins a new one after this many bytes. */
const fileBytesMax = 8 << 20;
/** Another process may take a file for booking just when it is written to; hardly ever twice in a row. */
const appendsMax = 100;
const spoolFile = /^[\w-]+\.(spool|replaying)$/;

interface Waiting {
  readonly request: EndingRequest;
  readonly cause: unknown;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Endings that the store did not take, in append-only files, synced before anyone hears that they are kept. Several
 * processes may share a folder: each appends to a file of its own, and any of them books what is there. Booking one twice
 * changes nothing, so nobody has to know who lives.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #bounds: SpoolBounds;
  #path: string;
  #waiting: Waiting[] = [];
  #writing = false;
  #anyFile = false;
  #replaying: Promise<number> | null = null;
  #state: SpoolState;

  constructor(options: SpoolOptions) {
    this.#options = options;
    this.#bounds = { ...spoolBoundsDefault, ...options.bounds };
    this.#path = this.#newPath();
    this.#state = { folder: options.folder, endings: 0, bytes: 0, oldestAt: null, aside: 0 };
  }

  /** Whether there is any file, damaged ones included: as of the last look. */
  get hasFiles(): boolean {
    return this.#anyFile;
  }

  /** As of the last append, look or replay. */
  get state(): SpoolState {
    return this.#state;
  }

  /** Resolves when the ending is on disk. Throws spool_failed, with the amount in it, when it is not. */
  append(request: EndingRequest, cause: unknown = null): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, cause, resolve, reject });
      if (!this.#writing) void this.#run();
    });
  }

  /** Throws spool_behind while too much waits, or for too long: what is spent has to be booked before more is. */
  admit(): void {
    const { endings, oldestAt } = this.#state;
    if (endings === 0) return;
    const ageMs = oldestAt === null ? 0 : this.#options.now() - oldestAt;
    if (endings <= this.#bounds.admitEndingsMax && ageMs <= this.#bounds.admitAgeMs) return;
    throw new NanocentError(
      'spool_behind',
      `${endings} ended calls wait in ${this.#options.folder} to be booked, the oldest for ${Math.round(ageMs / 1000)} s`,
      {
        fix: 'bring the store back, and look with nanocent doctor; they are booked by themselves',
        data: { endings, ageMs },
      },
    );
  }

  /** Looks into the folder: what waits there, of whatever process. */
  async look(): Promise<SpoolState> {
    let endings = 0;
    let bytes = 0;
    let oldestAt: number | null = null;
    const files = await this.#files();
    this.#anyFile = files.length > 0;
    for (const name of files) {
      const { endings: found } = await this.#read(name);
      for (const { at, request } of found) {
        endings += 1;
        bytes += encodeFrame({ at, ledgerId: this.#options.ledgerId, request }).length;
        if (oldestAt === null || at < oldestAt) oldestAt = at;
      }
    }
    const aside = await namesIn(join(this.#options.folder, 'aside'));
    this.#state = { folder: this.#options.folder, endings, bytes, oldestAt, aside: aside.length };
    return this.#state;
  }

  /**
   * Books everything that waits; gives how many endings were booked. What is damaged or refused is kept aside. Throws what
   * the store throws when it is still away: then everything stays as it is.
   */
  replay(ledger: LedgerService): Promise<number> {
    this.#replaying ??= this.#replay(ledger).finally(() => {
      this.#replaying = null;
    });
    return this.#replaying;
  }

  async #replay(ledger: LedgerService): Promise<number> {
    let booked = 0;
    const { folder, ledgerId } = this.#options;
    for (const name of await this.#files()) {
      const taken = await this.#take(name);
      if (taken === null) continue;
      const { endings, damaged } = await this.#read(taken);
      const result = await replayEndings(ledger, endings, ledgerId);
      booked += result.booked;
      const aside = [
        ...damaged.map(({ offset, bytes }) => ({ name: `${stem(taken)}-${offset}.damaged`, bytes })),
        ...(result.refused.length === 0
          ? []
          : [{ name: `${stem(taken)}.refused`, bytes: Buffer.from(result.refused.join('\n')) }]),
      ];
      if (await this.#keepAside(aside)) await remove(join(folder, taken));
    }
    await this.look();
    return booked;
  }

  /** Behind its writer's back only by a rename: a writer that finds its file gone writes again, into a new one. */
  async #take(name: string): Promise<string | null> {
    if (name.endsWith('.replaying')) return name;
    const taken = `${stem(name)}.replaying`;
    try {
      await rename(join(this.#options.folder, name), join(this.#options.folder, taken));
      return taken;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw spoolUnusable(this.#options.folder, error);
    }
  }

  /** False when there is no room left for it: then the file stays. */
  async #keepAside(files: readonly { readonly name: string; readonly bytes: Buffer }[]): Promise<boolean> {
    if (files.length === 0) return true;
    const folder = join(this.#options.folder, 'aside');
    if ((await namesIn(folder)).length + files.length > asideFilesMax) return false;
    await makeFolder(folder);
    for (const { name, bytes } of files) await writeSynced(join(folder, name), bytes);
    await syncFolder(folder);
    return true;
  }

  async #files(): Promise<string[]> {
    return (await namesIn(this.#options.folder)).filter((name) => spoolFile.test(name)).sort();
  }

  async #read(name: string): Promise<ReadFrames> {
    try {
      return readFrames(await readFile(join(this.#options.folder, name)));
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return { endings: [], damaged: [] };
      throw spoolUnusable(this.#options.folder, error);
    }
  }

  async #run(): Promise<void> {
    this.#writing = true;
    // Whatever ends in this turn of the event loop shares one sync.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, 256);
      try {
        await this.#write(batch);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { request, cause, reject } of batch)
          reject(notKept(this.#options.folder, request, error, cause));
      }
    }
    this.#writing = false;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const { folder, ledgerId, now } = this.#options;
    const at = now();
    const bytes = Buffer.concat(batch.map(({ request }) => encodeFrame({ at, ledgerId, request })));
    const { endings, bytes: held, oldestAt } = this.#state;
    if (held + bytes.length > this.#bounds.bytesMax || endings + batch.length > this.#bounds.endingsMax) {
      throw new RangeError(`it is full, with ${endings} endings in ${held} bytes`);
    }
    await makeFolder(folder);
    for (let attempt = 1; ; attempt++) {
      const path = this.#path;
      // After a failure its end may be torn: later endings begin a file of their own.
      this.#path = this.#newPath();
      const size = await appendSynced(path, bytes);
      if (size !== null && size < fileBytesMax) this.#path = path;
      if (size !== null) break;
      if (attempt === appendsMax) throw new RangeError(`its file was taken away ${appendsMax} times`);
    }
    this.#state = {
      ...this.#state,
      endings: endings + batch.length,
      bytes: held + bytes.length,
      oldestAt: oldestAt ?? at,
    };
  }

  #newPath(): string {
    const time = String(this.#options.now()).padStart(15, '0');
    return join(this.#options.folder, `${time}-${randomUUID()}.spool`);
  }
}

function stem(name: string): string {
  return name.slice(0, name.lastIndexOf('.'));
}

function spoolUnusable(folder: string, cause: unknown): NanocentError {
  return new NanocentError('spool_failed', `the spool ${folder} cannot be read (${codeOf(cause)})`, {
    fix: 'give this user access to the folder and the files in it',
    data: { folder },
    cause,
  });
}

/** The last place where this amount is known: it is said in full. */
function notKept(folder: string, request: EndingRequest, error: unknown, cause: unknown): NanocentError {
  const cost = request.kind === 'void' ? 0n : request.quantities.cost;
  const amount = cost === undefined ? 'what was held' : `${cost} nanocents ($${formatUsd(cost)})`;
  const why = codeOf(error) || (error instanceof Error ? error.message : String(error));
  return new NanocentError(
    'spool_failed',
    `the ${request.kind} of ${request.id} with ${amount} is not booked: the store did not take it, nor the spool ${folder} (${why})`,
    {
      fix: `book it by hand when the store is back: ${byHand(request, cost)}`,
      data: {
        reservationId: request.id,
        kind: request.kind,
        nanocents: cost === undefined ? null : String(cost),
        entryId: request.kind === 'void' ? null : (request.entry?.id ?? null),
      },
      cause: cause ?? error,
    },
  );
}

function byHand(request: EndingRequest, cost: bigint | undefined): string {
  // A scope goes on with what it has left: one prompt of it is booked beside it.
  if (request.kind === 'capture') {
    return `nanocent track --model ${request.entry?.model ?? '…'} --cost ${formatUsd(cost ?? 0n)}`;
  }
  if (request.kind === 'void') return `nanocent void ${request.id}`;
  return `nanocent settle ${request.id} --nanocents ${cost ?? '…'}`;
}
