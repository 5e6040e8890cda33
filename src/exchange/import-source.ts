import type { ImportedCall } from './imported-call.ts';

/** A line or row that no call could be made of. */
export interface BadRecord {
  /** `file:line`, `file, row 7`. */
  readonly where: string;
  readonly message: string;
}

/** What is remembered of a file so that the next import begins behind it. JSON. */
export type Mark = Readonly<Record<string, string | number | boolean | null>>;

/** A part of a source, in order: at most `batchCallsMax` calls. */
export interface ImportBatch {
  readonly calls: readonly ImportedCall[];
  readonly bad: readonly BadRecord[];
  /** Marks that hold once everything up to here is booked, by name. */
  readonly marks: ReadonlyMap<string, Mark>;
  /** Of `ImportSource.total`, in its unit. */
  readonly done: number;
}

/** Calls of one batch: as many as the ledger commits at once. */
export const batchCallsMax = 1_000;

/** Where calls come from: another program's database, logs or file. */
export interface ImportSource {
  /** `claude-code`, `llm`, `csv` …: stands in the summary. */
  readonly name: string;
  /** What is read, for a person: file names, a database without its password. */
  readonly places: readonly string[];
  /** Size of the whole work in any unit; null when it is not known before it is done. */
  readonly total: number | null;
  /** Calls that an earlier import has seen, and that were not even looked at; final after `batches` has ended. */
  readonly passedOver: { readonly calls: number; readonly files: number };
  /** Further notes for a person, such as repeated lines; final after `batches` has ended. */
  readonly notes: () => readonly ImportNote[];
  batches(): AsyncIterable<ImportBatch>;
}

export interface ImportNote {
  /** camelCase, for the JSON document: `syntheticMessages`. */
  readonly name: string;
  /** What it counts, in words: `placeholders without a call`. */
  readonly text: string;
  readonly count: number;
}
