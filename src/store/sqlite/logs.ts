import { idBytes, idText } from '../ids.ts';
import {
  type AuditQuery,
  type AuditRow,
  type LogPage,
  type PromptPurge,
  type PromptQuery,
  type PromptRow,
  promptBytes,
} from '../log.ts';
import type { Connection, Row, Value } from './connection.ts';
import { idParameter } from './id-parameter.ts';

const auditColumns = [
  ...['id', 'at', 'type', 'app', 'username', 'model', 'prompt_text', 'response_text', 'remote_completion_id'],
  ...['project', 'session', 'call_id'],
].join(', ');

const insertAudit = `INSERT OR IGNORE INTO nanocent_audit (${auditColumns})
  VALUES (${idParameter}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

export function appendAudit(connection: Connection, rows: readonly AuditRow[]): void {
  for (const row of rows) {
    const { id, at, type, app, username, model, promptText, responseText } = row;
    const { remoteCompletionId, project, session, callId } = row;
    const said = [promptText, responseText, remoteCompletionId, project, session, callId];
    connection.run(insertAudit, id, at, type, app, username, model, ...said);
  }
}

export function findAudit(connection: Connection, query: AuditQuery): AuditRow[] {
  const { app, username, project, type } = query;
  return find(connection, `SELECT ${auditColumns} FROM nanocent_audit`, query, {
    app,
    username,
    project,
    type,
  }).map((row) => ({
    id: idText(row[0] as Uint8Array),
    at: Number(row[1]),
    type: row[2] as string,
    app: row[3] as string | null,
    username: row[4] as string | null,
    model: row[5] as string | null,
    promptText: row[6] as string | null,
    responseText: row[7] as string | null,
    remoteCompletionId: row[8] as string | null,
    project: row[9] as string | null,
    session: row[10] as string | null,
    callId: row[11] as string | null,
  }));
}

const promptColumns = [
  ...[
    'id',
    'at',
    'call_id',
    'model',
    'purpose',
    'username',
    'key',
    'project',
    'prompt',
    'response',
    'tool_calls',
  ],
  ...['tool_results', 'input_tokens', 'output_tokens', 'sealed'],
].join(', ');

const insertPrompt = `INSERT OR IGNORE INTO nanocent_prompts (${promptColumns}, bytes)
  VALUES (${idParameter}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

export function appendPrompts(connection: Connection, rows: readonly PromptRow[]): void {
  for (const row of rows) {
    const { id, at, callId, model, purpose, username, key, project, inputTokens, outputTokens } = row;
    const said = [row.prompt, row.response, row.toolCalls, row.toolResults, inputTokens, outputTokens];
    const who = [callId, model, purpose, username, key, project];
    connection.run(insertPrompt, id, at, ...who, ...said, row.sealed ? 1 : 0, promptBytes(row));
  }
}

export function findPrompts(connection: Connection, query: PromptQuery): PromptRow[] {
  const { username, model, purpose, callId } = query;
  const select = `SELECT ${promptColumns} FROM nanocent_prompts`;
  return find(connection, select, query, { username, model, purpose, call_id: callId }).map((row) => ({
    id: idText(row[0] as Uint8Array),
    at: Number(row[1]),
    callId: row[2] as string,
    model: row[3] as string,
    purpose: row[4] as string | null,
    username: row[5] as string | null,
    key: row[6] as string | null,
    project: row[7] as string | null,
    prompt: row[8] as string | null,
    response: row[9] as string | null,
    toolCalls: row[10] as string | null,
    toolResults: row[11] as string | null,
    inputTokens: row[12] === null ? null : Number(row[12]),
    outputTokens: row[13] === null ? null : Number(row[13]),
    sealed: Number(row[14]) === 1,
  }));
}

/** The running sum over the newest rows says which of the old ones no longer fit a size cap. */
const beyondBytes = `id IN (SELECT id FROM (
  SELECT id, sum(bytes) OVER (ORDER BY at DESC, id DESC ROWS UNBOUNDED PRECEDING) AS kept FROM nanocent_prompts
) WHERE kept > ?)`;

export function purgePrompts(connection: Connection, { before, username, keepBytes }: PromptPurge): number {
  const where: string[] = [];
  const values: Value[] = [];
  if (before !== undefined) {
    where.push('at < ?');
    values.push(before);
  }
  if (username !== undefined) {
    where.push('username = ?');
    values.push(username);
  }
  if (keepBytes !== undefined) {
    where.push(beyondBytes);
    values.push(keepBytes);
  }
  if (where.length === 0) return 0;
  const condition = where.join(' AND ');
  const count = connection.rowsOnce(`SELECT count(*) FROM nanocent_prompts WHERE ${condition}`, values);
  connection.rowsOnce(`DELETE FROM nanocent_prompts WHERE ${condition}`, values);
  return Number(count[0]![0]);
}

function find(
  connection: Connection,
  select: string,
  { from, to, before, limit }: LogPage,
  fields: Readonly<Record<string, string | undefined>>,
): Row[] {
  const where = ['TRUE'];
  const values: Value[] = [];
  const and = (condition: string, ...given: Value[]) => {
    where.push(condition);
    values.push(...given);
  };
  if (from !== null) and('at >= ?', from);
  if (to !== null) and('at < ?', to);
  if (before) and('(at, id) < (?, ?)', before.at, idBytes(before.id));
  for (const [column, value] of Object.entries(fields)) if (value !== undefined) and(`${column} = ?`, value);
  const sql = `${select} WHERE ${where.join(' AND ')} ORDER BY at DESC, id DESC LIMIT ?`;
  return connection.rowsOnce(sql, [...values, limit]);
}
