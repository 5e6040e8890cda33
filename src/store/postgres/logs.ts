import { idOf } from '../ids.ts';
import {
  type AuditQuery,
  type AuditRow,
  type LogPage,
  type PromptPurge,
  type PromptQuery,
  type PromptRow,
  promptBytes,
} from '../log.ts';
import type { Row, Value } from '../row.ts';
import { columnsOfRows } from '../server/plan-rows.ts';
import type { Session } from './connection.ts';
import type { Parameter } from './driver.ts';

const auditColumns = [
  ...['id', 'at', 'type', 'app', 'username', 'model', 'prompt_text', 'response_text', 'remote_completion_id'],
  ...['project', 'session', 'call_id'],
];
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
];
const bigints = new Set(['at', 'input_tokens', 'output_tokens', 'sealed', 'bytes']);

export function sendAudit(session: Session, rows: readonly AuditRow[]): void {
  const values = rows.map((row) => [
    ...[row.id, row.at, row.type, row.app, row.username, row.model, row.promptText, row.responseText],
    ...[row.remoteCompletionId, row.project, row.session, row.callId],
  ]);
  sendRows(session, 'nanocent_audit', auditColumns, values);
}

export function sendPrompts(session: Session, rows: readonly PromptRow[]): void {
  const values = rows.map((row) => [
    ...[row.id, row.at, row.callId, row.model, row.purpose, row.username, row.key, row.project],
    ...[row.prompt, row.response, row.toolCalls, row.toolResults, row.inputTokens, row.outputTokens],
    ...[row.sealed ? 1 : 0, promptBytes(row)],
  ]);
  sendRows(session, 'nanocent_prompts', [...promptColumns, 'bytes'], values);
}

function sendRows(
  session: Session,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly Value[])[],
): void {
  if (rows.length === 0) return;
  const arrays = columns.map((column, index) => {
    const type = column === 'id' ? 'uuid' : bigints.has(column) ? 'bigint' : 'text';
    return `$${index + 1}::${type}[]`;
  });
  const sql = `INSERT INTO ${table} (${columns.join(', ')}) SELECT * FROM unnest(${arrays.join(', ')}) ON CONFLICT DO NOTHING`;
  session.send(
    sql,
    ...columnsOfRows(
      rows.map((row) => row.map(withoutNul)),
      columns.length,
    ),
  );
}

/** PostgreSQL keeps no NUL in a text; what was said with one is shown with the sign for a character that could not be kept. */
function withoutNul(value: Value): Value {
  return typeof value === 'string' ? value.replaceAll('\u0000', '\ufffd') : value;
}

export async function findAudit(session: Session, query: AuditQuery): Promise<AuditRow[]> {
  const { app, username, project, type } = query;
  const select = `SELECT ${auditColumns.join(', ')} FROM nanocent_audit`;
  return (await find(session, select, query, { app, username, project, type })).map((row) => ({
    id: idOf(row[0]!),
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

export async function findPrompts(session: Session, query: PromptQuery): Promise<PromptRow[]> {
  const { username, model, purpose, callId } = query;
  const select = `SELECT ${promptColumns.join(', ')} FROM nanocent_prompts`;
  return (await find(session, select, query, { username, model, purpose, call_id: callId })).map((row) => ({
    id: idOf(row[0]!),
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
    sealed: row[14] === 1n,
  }));
}

/** The running sum over the newest rows says which of the old ones no longer fit a size cap. */
const beyondBytes = (place: string) => `id IN (SELECT id FROM (
  SELECT id, sum(bytes) OVER (ORDER BY at DESC, id DESC ROWS UNBOUNDED PRECEDING) AS kept FROM nanocent_prompts
) AS sums WHERE kept > ${place})`;

export async function purgePrompts(session: Session, purge: PromptPurge): Promise<number> {
  const { before, username, keepBytes } = purge;
  const where: string[] = [];
  const values: Parameter[] = [];
  if (before !== undefined) where.push(`at < $${values.push(before)}`);
  if (username !== undefined) where.push(`username = $${values.push(username)}`);
  if (keepBytes !== undefined) where.push(beyondBytes(`$${values.push(keepBytes)}`));
  if (where.length === 0) return 0;
  return session.run(`DELETE FROM nanocent_prompts WHERE ${where.join(' AND ')}`, ...values);
}

function find(
  session: Session,
  select: string,
  { from, to, before, limit }: LogPage,
  fields: Readonly<Record<string, string | undefined>>,
): Promise<Row[]> {
  const where = ['TRUE'];
  const values: Parameter[] = [];
  const place = (value: Parameter) => `$${values.push(value)}`;
  if (from !== null) where.push(`at >= ${place(from)}`);
  if (to !== null) where.push(`at < ${place(to)}`);
  if (before) where.push(`(at, id) < (${place(before.at)}::bigint, ${place(before.id)}::uuid)`);
  for (const [column, value] of Object.entries(fields)) {
    if (value !== undefined) where.push(`${column} = ${place(value)}`);
  }
  const sql = `${select} WHERE ${where.join(' AND ')} ORDER BY at DESC, id DESC LIMIT ${place(limit)}`;
  return session.rows(sql, ...values);
}
