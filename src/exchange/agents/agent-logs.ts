import type { ServedTerms } from '../../usage/reading.ts';
import type { AgentMessage, AgentName, Confidence } from './agent-message.ts';
import type { MessageTable } from './message-table.ts';

/** What the readers passed over, and why. */
export interface Skipped {
  /** Lines and files with usage that are no JSON or lack what a call needs; never fatal. */
  malformed: number;
  /** Lines longer than `lineBytesMax`; no line with usage is. */
  tooLong: number;
  /** Placeholders the agent wrote itself, without a call: model `<synthetic>`. */
  synthetic: number;
  /** Calls that ended in an API error. */
  apiErrors: number;
  /** The same response again while it streamed, or the same counter again. */
  repeated: number;
  /** The same call in another session that was resumed or forked from the first. */
  copies: number;
  /** The same message replayed by a sidechain. */
  sidechainCopies: number;
}

export interface AgentLogs {
  /** Calls, each once. */
  readonly count: number;
  readonly skipped: Readonly<Skipped>;
  /** Files that could not be read. */
  readonly unreadable: readonly string[];
  /** Files not read because there were more calls than `callsMax` before them. */
  readonly filesLeftOut: number;
  /** Bytes read from logs, and those known from the cache. */
  readonly bytesRead: number;
  readonly bytesCached: number;
  /** In the order of their instants; made one at a time. May be called again. */
  messages(): IterableIterator<AgentMessage>;
  /** The same without an object for each, for sums over many. */
  readonly calls: Calls;
}

export interface Calls {
  readonly table: MessageTable;
  /** Rows of the table that are calls, in the order of their instants once `sort` was called. */
  readonly rows: Uint32Array;
  sort(): void;
  agentOf(row: number): AgentName;
  confidenceOf(row: number): Confidence;
  termsOf(row: number): ServedTerms;
}

export interface ReadLogsOptions {
  /** Where what was read is kept for the next time; nothing is kept when left out. */
  readonly cacheFile?: string;
  /** Called between files and within long ones. */
  readonly onProgress?: (bytesDone: number, bytesTotal: number) => void;
}
