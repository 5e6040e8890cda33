import { NanocentError } from '../errors/error.ts';
import type { AuditQuery, AuditRow, LogStore } from '../store/log.ts';

/** One event for the audit log; everything but its type may be left out. */
export interface AuditInput {
  /** `prompt`, `response`, `event`, or a name of your own. */
  readonly type: string;
  readonly app?: string | undefined;
  readonly username?: string | undefined;
  readonly model?: string | undefined;
  readonly promptText?: string | undefined;
  readonly responseText?: string | undefined;
  /** The provider's id of its answer. */
  readonly remoteCompletionId?: string | undefined;
  readonly project?: string | undefined;
  readonly session?: string | undefined;
  readonly callId?: string | undefined;
  /** Epoch milliseconds; now when left out. */
  readonly at?: number | undefined;
}

/** The tools that an audit log needs from outside. */
export interface AuditTools {
  readonly uuid: () => string;
  readonly now: () => number;
}

const wordCharactersMax = 256;
const textCharactersMax = 1_000_000;
/** Times that a 64-bit clock and JavaScript's dates both know. */
const atMax = 8_640_000_000_000_000;

/** What happened and who did it, for people who must show it. Purging usage leaves it untouched. */
export class AuditLog {
  readonly #store: LogStore;
  readonly #tools: AuditTools;

  constructor(store: LogStore, tools: AuditTools) {
    this.#store = store;
    this.#tools = tools;
  }

  /** Resolves when it is stored. Throws field_missing or field_invalid, naming the field. */
  async logEvent(input: AuditInput): Promise<AuditRow> {
    const row = this.#row(input);
    await this.#store.appendAudit([row]);
    return row;
  }

  /** What was asked of a model. */
  logPrompt(input: Omit<AuditInput, 'type' | 'responseText'>): Promise<AuditRow> {
    return this.logEvent({ ...input, type: 'prompt' });
  }

  /** What it answered. */
  logResponse(input: Omit<AuditInput, 'type' | 'promptText'>): Promise<AuditRow> {
    return this.logEvent({ ...input, type: 'response' });
  }

  /** Newest first; 100 unless told, at most 1,000. */
  async entries(query: Partial<AuditQuery> = {}): Promise<readonly AuditRow[]> {
    const { limit = 100 } = query;
    if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
      throw new NanocentError('field_invalid', `the number of entries is ${limit}, not 1 to 1000`, {
        field: 'limit',
      });
    }
    return this.#store.auditRows({ from: null, to: null, ...query, limit });
  }

  #row(input: AuditInput): AuditRow {
    const word = (field: Exclude<keyof AuditInput, 'at'>) => text(input, field, wordCharactersMax);
    const type = word('type');
    if (type === null) {
      throw new NanocentError('field_missing', 'an event of the audit log needs a type', {
        field: 'type',
        fix: 'give prompt, response, event, or a name of your own',
      });
    }
    const at = input.at ?? this.#tools.now();
    if (!Number.isSafeInteger(at) || Math.abs(at) > atMax) {
      throw new NanocentError('field_invalid', 'at is no instant in epoch milliseconds', { field: 'at' });
    }
    return {
      id: this.#tools.uuid(),
      at,
      type,
      app: word('app'),
      username: word('username'),
      model: word('model'),
      promptText: text(input, 'promptText', textCharactersMax),
      responseText: text(input, 'responseText', textCharactersMax),
      remoteCompletionId: word('remoteCompletionId'),
      project: word('project'),
      session: word('session'),
      callId: word('callId'),
    };
  }
}

function text(
  input: AuditInput,
  field: Exclude<keyof AuditInput, 'at'>,
  charactersMax: number,
): string | null {
  const value: unknown = input[field];
  if (value === undefined || value === null) return null;
  const fits = typeof value === 'string' && value !== '' && value.length <= charactersMax;
  if (fits && value.isWellFormed() && !value.includes('\u0000')) return value;
  throw new NanocentError(
    'field_invalid',
    `${field} must be text of 1 to ${charactersMax} characters, without NUL`,
    {
      field,
    },
  );
}
