import type { AgentMessage } from './agent-message.ts';

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
  /** Bytes read from logs, and those known from the cache. */
  readonly bytesRead: number;
  readonly bytesCached: number;
  /** In the order of their instants; made one at a time. May be called again. */
  messages(): IterableIterator<AgentMessage>;
}

export interface ReadLogsOptions {
  /** Where what was read is kept for the next time; nothing is kept when left out. */
  readonly cacheFile?: string;
  /** Called between files and within long ones. */
  readonly onProgress?: (bytesDone: number, bytesTotal: number) => void;
}
