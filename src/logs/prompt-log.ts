import { NanocentError } from '../errors/error.ts';
import type { LogStore, PromptPurge, PromptQuery, PromptRow } from '../store/log.ts';
import type { Seal } from './seal.ts';

/** What was said in a call, before it is kept. */
export type PromptTexts = Pick<PromptRow, 'prompt' | 'response' | 'toolCalls' | 'toolResults'>;
export type PromptDraft = Omit<PromptRow, 'sealed'>;

export interface PromptLogSettings {
  /** Only calls of these models, keys or purposes are kept; of all where a list is left out. */
  readonly models?: readonly string[];
  readonly keys?: readonly string[];
  readonly purposes?: readonly string[];
  /** Rows older than this are deleted, milliseconds; kept for ever when left out. */
  readonly retentionMs?: number;
  /** The newest rows are kept whose texts have at most this many bytes in all. */
  readonly sizeBytesMax?: number;
  /** Changes what is kept, or keeps nothing of a call by answering null. What it throws keeps nothing either. */
  readonly redact?: (said: PromptTexts, call: PromptDraft) => PromptTexts | null;
  /** Encrypts the texts before they are stored. */
  readonly seal?: Seal;
  /** Told when rows could not be kept: the books go on without them. */
  readonly onError?: (error: unknown, rows: number) => void;
}

/** Rows that may wait for the store; what comes on top is not kept, and said so. */
const waitingMax = 10_000;
const batchMax = 200;
/** Retention and size are looked after once in this many rows, and when the log is opened. */
const rowsPerSweep = 500;

/** Prompts and answers, beside the books: nothing here holds up a call or can fail one. Off unless somebody makes one. */
export class PromptLog {
  readonly #store: LogStore;
  readonly #settings: PromptLogSettings;
  readonly #now: () => number;
  #waiting: PromptRow[] = [];
  #writing: Promise<void> | null = null;
  #sinceSweep = rowsPerSweep;

  constructor(store: LogStore, settings: PromptLogSettings, now: () => number) {
    this.#store = store;
    this.#settings = settings;
    this.#now = now;
  }

  wants(call: Pick<PromptRow, 'model' | 'key' | 'purpose'>): boolean {
    const { models, keys, purposes } = this.#settings;
    const fits = (list: readonly string[] | undefined, value: string | null) =>
      list === undefined || (value !== null && list.includes(value));
    return fits(models, call.model) && fits(keys, call.key) && fits(purposes, call.purpose);
  }

  /** Keeps a call's texts, a moment later. */
  add(draft: PromptDraft): void {
    const { redact, seal, onError } = this.#settings;
    try {
      const texts = redact ? redact(textsOf(draft), draft) : textsOf(draft);
      if (texts === null) return;
      const row: PromptRow = { ...draft, ...texts, sealed: seal !== undefined };
      if (this.#waiting.length >= waitingMax) throw full();
      this.#waiting.push(seal ? { ...row, ...sealTexts(seal, row) } : row);
    } catch (error) {
      onError?.(error, 1);
      return;
    }
    this.#writing ??= this.#write();
  }

  /**
   * Newest first, 100 unless told; what was encrypted is readable with the key it was written with. Throws prompt_sealed without it.
   */
  async rows(query: Partial<PromptQuery> = {}): Promise<readonly PromptRow[]> {
    await this.flush();
    const rows = await this.#store.promptRows({ from: null, to: null, limit: 100, ...query });
    return rows.map((row) => (row.sealed ? { ...row, ...this.#open(row) } : row));
  }

  /** How many rows are gone. Throws field_missing where nothing says which. */
  async purge(purge: PromptPurge): Promise<number> {
    if (Object.values(purge).every((value) => value === undefined)) {
      throw new NanocentError('field_missing', 'say which prompts are to be deleted', {
        field: 'before',
        fix: 'give before, or username',
      });
    }
    await this.flush();
    return this.#store.purgePrompts(purge);
  }

  /** Resolves when everything added before is stored, or was given up. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  async #write(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const rows = this.#waiting.splice(0, batchMax);
      try {
        await this.#store.appendPrompts(rows);
        await this.#sweep(rows.length);
      } catch (error) {
        this.#settings.onError?.(error, rows.length);
      }
    }
    this.#writing = null;
  }

  async #sweep(rows: number): Promise<void> {
    this.#sinceSweep += rows;
    if (this.#sinceSweep < rowsPerSweep) return;
    this.#sinceSweep = 0;
    const { retentionMs, sizeBytesMax } = this.#settings;
    if (retentionMs !== undefined) await this.#store.purgePrompts({ before: this.#now() - retentionMs });
    if (sizeBytesMax !== undefined) await this.#store.purgePrompts({ keepBytes: sizeBytesMax });
  }

  #open(row: PromptRow): PromptTexts {
    const { seal } = this.#settings;
    if (seal) return openTexts(seal, row);
    throw new NanocentError('prompt_sealed', `the prompt of call ${row.callId} is encrypted`, {
      fix: 'open the prompt log with the key it was written with',
    });
  }
}

function textsOf({ prompt, response, toolCalls, toolResults }: PromptTexts): PromptTexts {
  return { prompt, response, toolCalls, toolResults };
}

function sealTexts(seal: Seal, row: PromptRow): PromptTexts {
  return eachText(row, (text, field) => seal.close(text, `${row.id}/${field}`));
}

function openTexts(seal: Seal, row: PromptRow): PromptTexts {
  return eachText(row, (text, field) => seal.open(text, `${row.id}/${field}`));
}

function eachText(row: PromptRow, change: (text: string, field: keyof PromptTexts) => string): PromptTexts {
  const of = (field: keyof PromptTexts) => (row[field] === null ? null : change(row[field], field));
  return {
    prompt: of('prompt'),
    response: of('response'),
    toolCalls: of('toolCalls'),
    toolResults: of('toolResults'),
  };
}

function full(): NanocentError {
  return new NanocentError(
    'store_busy',
    `${waitingMax} prompts are waiting for the store already: one was not kept`,
  );
}
