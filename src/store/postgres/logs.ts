import type { AuditQuery, AuditRow, LogPage, PromptPurge, PromptQuery, PromptRow } from '../log.ts';
import { auditCells, auditColumns, auditOf, promptCells, promptColumns, promptOf } from '../log-cells.ts';
import type { Row, Value } from '../row.ts';
import { columnsOfRows } from '../server/plan-rows.ts';
import type { Session } from './connection.ts';
import type { Parameter } from './driver.ts';

const bigints = new Set(['at', 'input_tokens', 'output_tokens', 'sealed', 'bytes']);

export function sendAudit(session: Session, rows: readonly AuditRow[]): void {
  sendRows(session, 'nanocent_audit', auditColumns, rows.map(auditCells));
}

export function sendPrompts(session: Session, rows: readonly PromptRow[]): void {
  sendRows(session, 'nanocent_prompts', [...promptColumns, 'bytes'], rows.map(promptCells));
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
  return (await find(session, select, query, { app, username, project, type })).map(auditOf);
}

export async function findPrompts(session: Session, query: PromptQuery): Promise<PromptRow[]> {
  const { username, model, purpose, callId } = query;
  const select = `SELECT ${promptColumns.join(', ')} FROM nanocent_prompts`;
  return (await find(session, select, query, { username, model, purpose, call_id: callId })).map(promptOf);
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
