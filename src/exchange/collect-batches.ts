import { NanocentError } from '../errors/error.ts';
import { type BadRecord, batchCallsMax, type ImportBatch, type Mark } from './import-source.ts';
import type { ImportedCall } from './imported-call.ts';

const noMarks: ReadonlyMap<string, Mark> = new Map();

/** Gathers calls and bad records until there are enough for one batch. */
export class BatchCollector {
  #calls: ImportedCall[] = [];
  #bad: BadRecord[] = [];

  /** Adds what `read` makes of one record; what it throws for bad input is counted against the record. */
  add(where: string, read: () => ImportedCall | null): void {
    try {
      const call = read();
      if (call !== null) this.#calls.push(call);
    } catch (error) {
      if (!NanocentError.is(error) || error.kind !== 'invalid') throw error;
      this.bad(where, error.message);
    }
  }

  bad(where: string, message: string): void {
    this.#bad.push({ where, message });
  }

  get isFull(): boolean {
    return this.#calls.length + this.#bad.length >= batchCallsMax;
  }

  take(done: number, marks: ReadonlyMap<string, Mark> = noMarks): ImportBatch {
    const batch = { calls: this.#calls, bad: this.#bad, marks, done };
    this.#calls = [];
    this.#bad = [];
    return batch;
  }
}
