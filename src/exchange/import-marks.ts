import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { StoreReads } from '../core/ledger.ts';
import type { Mark } from './import-source.ts';

/** Files that marks are kept of; the ones used longest ago go first. */
const marksMax = 50_000;
const schema = 'nanocent.import-marks/1';

interface Kept {
  readonly schema: string;
  readonly ledgerId: string;
  /** Where the journal stood: the marks hold for a ledger that has these links, and for no older copy of it. */
  readonly heads: readonly { readonly chain: number; readonly number: number; readonly hash: string }[];
  readonly marks: Readonly<Record<string, Mark>>;
}

/**
 * How far each file has been imported into one ledger, kept beside it. Only a saving of work: without it everything is read
 * again, and nothing is booked twice.
 */
export class ImportMarks {
  readonly #file: string;
  readonly #reads: StoreReads;
  readonly #marks: Map<string, Mark>;
  #changed = false;

  private constructor(file: string, reads: StoreReads, marks: Map<string, Mark>) {
    this.#file = file;
    this.#reads = reads;
    this.#marks = marks;
  }

  /** Empty where there are none, where they are of another ledger, or where the ledger was set back since. */
  static async open(file: string, reads: StoreReads): Promise<ImportMarks> {
    const kept = readKept(file);
    const { ledgerId } = await reads.facts();
    const holds = kept?.ledgerId === ledgerId && (await containsHeads(reads, kept.heads));
    return new ImportMarks(file, reads, new Map(holds ? Object.entries(kept.marks) : []));
  }

  /** Every mark, by name. */
  all(): ReadonlyMap<string, Mark> {
    return this.#marks;
  }

  get(name: string): Mark | undefined {
    return this.#marks.get(name);
  }

  set(name: string, mark: Mark): void {
    this.#marks.delete(name);
    this.#marks.set(name, mark);
    this.#changed = true;
  }

  /** Of what has been booked by now. */
  async save(): Promise<void> {
    if (!this.#changed) return;
    const { ledgerId } = await this.#reads.facts();
    const heads = (await this.#reads.chainHeads()).map(({ chain, number, hash }) => ({
      chain,
      number,
      hash,
    }));
    const marks = Object.fromEntries([...this.#marks].slice(-marksMax));
    const kept: Kept = { schema, ledgerId, heads, marks };
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    const partial = `${this.#file}.${process.pid}`;
    writeFileSync(partial, JSON.stringify(kept), { mode: 0o600 });
    renameSync(partial, this.#file);
    this.#changed = false;
  }
}

function readKept(file: string): Kept | null {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Kept;
    return kept.schema === schema && Array.isArray(kept.heads) ? kept : null;
  } catch {
    // Missing or damaged: the next import reads everything once more.
    return null;
  }
}

async function containsHeads(reads: StoreReads, heads: Kept['heads']): Promise<boolean> {
  for (const { chain, number, hash } of heads) {
    if (number === 0) continue;
    const [link] = await reads.links({ chain, number: number - 1 }, 1);
    if (link?.number !== number || link.hash !== hash) return false;
  }
  return true;
}
