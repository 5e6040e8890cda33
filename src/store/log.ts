/** One event of the audit log: what happened, and who did it. Purging usage leaves it. */
export interface AuditRow {
  /** UUIDv7 text. */
  readonly id: string;
  /** When it happened, epoch milliseconds. */
  readonly at: number;
  /** `prompt`, `response`, `event`, or a name of the caller's own. */
  readonly type: string;
  readonly app: string | null;
  readonly username: string | null;
  readonly model: string | null;
  readonly promptText: string | null;
  readonly responseText: string | null;
  /** The provider's id of its answer. */
  readonly remoteCompletionId: string | null;
  readonly project: string | null;
  readonly session: string | null;
  /** The call of the books that it belongs to. */
  readonly callId: string | null;
}

/** What was said in one call. Money never depends on it. */
export interface PromptRow {
  /** UUIDv7 text. */
  readonly id: string;
  readonly at: number;
  readonly callId: string;
  readonly model: string;
  readonly purpose: string | null;
  readonly username: string | null;
  readonly key: string | null;
  readonly project: string | null;
  readonly prompt: string | null;
  readonly response: string | null;
  /** JSON text: `[{ tool_call_id, name, arguments }]`; null where there was none. */
  readonly toolCalls: string | null;
  /** JSON text: `[{ tool_call_id, name, output }]`. */
  readonly toolResults: string | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  /** Encrypted: the four texts are readable with the key only. */
  readonly sealed: boolean;
}

export interface LogPage {
  /** `[from, to)` by `at`; null leaves a side open. */
  readonly from: number | null;
  readonly to: number | null;
  /** Rows before this one, for the next page. */
  readonly before?: { readonly at: number; readonly id: string };
  /** 1 to 1,000. */
  readonly limit: number;
}

export interface AuditQuery extends LogPage {
  readonly app?: string;
  readonly username?: string;
  readonly project?: string;
  readonly type?: string;
}

export interface PromptQuery extends LogPage {
  readonly username?: string;
  readonly model?: string;
  readonly purpose?: string;
  readonly callId?: string;
}

/** Which prompts are deleted: all that satisfy every member given; without one, none. */
export interface PromptPurge {
  readonly before?: number;
  readonly username?: string;
  /** Keeps the newest whose texts have at most this many bytes in all. */
  readonly keepBytes?: number;
}

/** Two logs beside the books. A row is written once; asking again with its id changes nothing. */
export interface LogStore {
  appendAudit(rows: readonly AuditRow[]): Promise<void>;
  /** Newest first by `at`, then id. */
  auditRows(query: AuditQuery): Promise<readonly AuditRow[]>;
  appendPrompts(rows: readonly PromptRow[]): Promise<void>;
  promptRows(query: PromptQuery): Promise<readonly PromptRow[]>;
  /** How many rows are gone. */
  purgePrompts(purge: PromptPurge): Promise<number>;
}

/** Bytes that count against a size cap. */
export function promptBytes(row: PromptRow): number {
  const texts = [row.prompt, row.response, row.toolCalls, row.toolResults];
  return texts.reduce((bytes, text) => bytes + (text === null ? 0 : Buffer.byteLength(text)), 0);
}
