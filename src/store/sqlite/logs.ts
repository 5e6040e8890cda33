import { idBytes } from '../ids.ts';
import type { AuditQuery, AuditRow, LogPage, PromptPurge, PromptQuery, PromptRow } from '../log.ts';
import { auditCells, auditColumns, auditOf, promptCells, promptColumns, promptOf } from '../log-cells.ts';
import type { Connection, Row, Value } from './connection.ts';
import { idParameter } from './id-parameter.ts';

const insertAudit = insertInto('nanocent_audit', auditColumns);
const insertPrompt = insertInto('nanocent_prompts', [...promptColumns, 'bytes']);

function insertInto(table: string, columns: readonly string[]): string {
  const places = [idParameter, ...columns.slice(1).map(() => '?')];
  return `INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${places.join(', ')})`;
}

export function appendAudit(connection: Connection, rows: readonly AuditRow[]): void {
  for (const row of rows) connection.run(insertAudit, ...auditCells(row));
}

export function findAudit(connection: Connection, query: AuditQuery): AuditRow[] {
  const { app, username, project, type } = query;
  const select = `SELECT ${auditColumns.join(', ')} FROM nanocent_audit`;
  return find(connection, select, query, { app, username, project, type }).map(auditOf);
}

export function appendPrompts(connection: Connection, rows: readonly PromptRow[]): void {
  for (const row of rows) connection.run(insertPrompt, ...promptCells(row));
}

export function findPrompts(connection: Connection, query: PromptQuery): PromptRow[] {
  const { username, model, purpose, callId } = query;
  const select = `SELECT ${promptColumns.join(', ')} FROM nanocent_prompts`;
  return find(connection, select, query, { username, model, purpose, call_id: callId }).map(promptOf);
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
