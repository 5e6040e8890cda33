import { writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Records of other programs, written after their documented shapes. */

export interface LlmRow {
  readonly id: string;
  readonly model?: string;
  readonly resolved?: string;
  readonly input?: number | null;
  readonly output?: number | null;
  readonly details?: object;
  readonly response?: object;
  readonly at?: string;
}

/** A logs.db of llm: `responses` up to 0.31, `turns` since 0.32. Rows are added to what is there. */
export function writeLlm(file: string, table: 'responses' | 'turns', rows: readonly LlmRow[]): void {
  const session = table === 'turns' ? 'thread_id' : 'conversation_id';
  const database = new DatabaseSync(file);
  database.exec(`CREATE TABLE IF NOT EXISTS ${table} (
    id TEXT PRIMARY KEY, model TEXT, resolved_model TEXT, ${session} TEXT, duration_ms INTEGER, datetime_utc TEXT,
    input_tokens INTEGER, output_tokens INTEGER, token_details TEXT, response_json TEXT)`);
  const insert = database.prepare(`INSERT INTO ${table} VALUES (?, ?, ?, 'c1', 900, ?, ?, ?, ?, ?)`);
  for (const row of rows) {
    insert.run(
      row.id,
      row.model ?? 'gpt-4o-mini',
      row.resolved ?? null,
      row.at ?? '2026-03-01T09:00:00.250000',
      row.input === undefined ? 1_000 : row.input,
      row.output === undefined ? 500 : row.output,
      row.details === undefined ? null : JSON.stringify(row.details),
      row.response === undefined ? null : JSON.stringify(row.response),
    );
  }
  database.close();
}

export interface AccountingRow {
  readonly id: number;
  readonly timestamp?: string;
  readonly model?: string;
  readonly cost?: number;
  readonly prompt?: number | null;
  readonly completion?: number | null;
  readonly cached?: number;
  readonly local?: number;
  readonly user?: string;
}

const accountingColumns = `id INTEGER PRIMARY KEY, "timestamp" TIMESTAMP NOT NULL, model VARCHAR(255) NOT NULL,
  prompt_tokens INTEGER, completion_tokens INTEGER, total_tokens INTEGER, local_prompt_tokens INTEGER,
  local_completion_tokens INTEGER, local_total_tokens INTEGER, project VARCHAR(255), cost FLOAT NOT NULL,
  execution_time FLOAT NOT NULL, caller_name VARCHAR(255), username VARCHAR(255), session VARCHAR(255),
  cached_tokens INTEGER NOT NULL DEFAULT 0, reasoning_tokens INTEGER NOT NULL DEFAULT 0`;

export const accountingTableSql = `CREATE TABLE IF NOT EXISTS accounting_entries (${accountingColumns})`;

/** Values in the order of the columns. */
export function accountingValues(row: AccountingRow): (string | number | null)[] {
  const { prompt = 1_000, completion = 500 } = row;
  const total = prompt === null || completion === null ? null : prompt + completion;
  return [
    row.id,
    row.timestamp ?? '2026-03-01 09:00:00.500000',
    row.model ?? 'gpt-4o',
    prompt,
    completion,
    total,
    row.local ?? null,
    null,
    null,
    'books',
    row.cost ?? 0.0125,
    1.5,
    'app',
    row.user ?? 'ann',
    's1',
    row.cached ?? 0,
    0,
  ];
}

export function writeAccounting(file: string, rows: readonly AccountingRow[]): void {
  const database = new DatabaseSync(file);
  database.exec(accountingTableSql);
  const insert = database.prepare(
    `INSERT INTO accounting_entries VALUES (${Array(17).fill('?').join(', ')})`,
  );
  for (const row of rows) insert.run(...accountingValues(row));
  database.close();
}

/** A row of LiteLLM_SpendLogs as its API gives it. */
export function spendLog(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    request_id: 'chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz001',
    call_type: 'acompletion',
    api_key: '88dc28d0f030c55ed4ab77ed8faf098196cb1c05',
    spend: 0.00045,
    total_tokens: 1_500,
    prompt_tokens: 1_000,
    completion_tokens: 500,
    startTime: '2026-03-01T09:00:00.123',
    endTime: '2026-03-01T09:00:01.623',
    model: 'gpt-4o-mini',
    model_group: 'small',
    custom_llm_provider: 'openai',
    user: 'ann',
    team_id: 'books',
    end_user: 'customer-7',
    request_tags: ['prod'],
    metadata: { user_api_key_alias: 'search' },
    cache_hit: 'False',
    session_id: 's1',
    ...more,
  };
}

export function writeLines(file: string, lines: readonly (object | string)[]): void {
  writeFileSync(
    file,
    lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
  );
}

/** A response line of Claude Code. */
export function claudeLine(more: {
  readonly id: string;
  readonly at: string;
  readonly session?: string;
  readonly input?: number;
  readonly output?: number;
  readonly ended?: boolean;
}): object {
  return {
    timestamp: more.at,
    sessionId: more.session ?? 's1',
    cwd: '/repo',
    requestId: `req_${more.id}`,
    uuid: more.id,
    type: 'assistant',
    version: '2.0.0',
    message: {
      id: more.id,
      role: 'assistant',
      model: 'claude-sonnet-4-5-20250929',
      stop_reason: more.ended === false ? null : 'end_turn',
      usage: {
        input_tokens: more.input ?? 1_000,
        output_tokens: more.output ?? 500,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
      },
    },
  };
}
