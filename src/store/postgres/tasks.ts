import type { TaskChanges } from '../port.ts';
import type { Row, Value } from '../row.ts';
import { columnsOfRows } from '../server/plan-rows.ts';
import type { Task, TaskFilter, TaskState } from '../task.ts';
import type { Session } from './connection.ts';
import type { Parameter } from './driver.ts';

const columns = 'key, kind, body, due_at, attempts, error, version, updated_at';

export async function loadTask(session: Session, key: string): Promise<Task | null> {
  const row = await session.row(`SELECT ${columns} FROM nanocent_tasks WHERE key = $1`, key);
  return row === undefined ? null : taskOf(row);
}

/** Locked for the batch, in the order of their keys. */
export async function lockTasks(session: Session, keys: readonly string[]): Promise<Map<string, Task>> {
  if (keys.length === 0) return new Map();
  const sql = `SELECT ${columns} FROM nanocent_tasks WHERE key = ANY ($1::text[]) ORDER BY key FOR UPDATE`;
  return new Map((await session.rows(sql, keys)).map(taskOf).map((task) => [task.key, task]));
}

export async function loadDueTasks(
  session: Session,
  kind: string,
  now: number,
  limit: number,
): Promise<Task[]> {
  const sql = `SELECT ${columns} FROM nanocent_tasks WHERE kind = $1 AND due_at <= $2 ORDER BY due_at, key LIMIT $3`;
  return (await session.rows(sql, kind, now, limit)).map(taskOf);
}

const stateSql: Readonly<Record<TaskState, string>> = {
  waiting: 'due_at IS NOT NULL',
  dead: 'due_at IS NULL AND error IS NOT NULL',
  resting: 'due_at IS NULL AND error IS NULL',
};

export async function findTasks(session: Session, filter: TaskFilter): Promise<Task[]> {
  const where = ['TRUE'];
  const values: Parameter[] = [filter.limit];
  if (filter.kind !== undefined) where.push(`kind = $${values.push(filter.kind)}`);
  if (filter.state !== undefined) where.push(stateSql[filter.state]);
  if (filter.unchangedSince !== undefined) where.push(`updated_at <= $${values.push(filter.unchangedSince)}`);
  if (filter.failing !== undefined) where.push(filter.failing ? 'attempts > 0' : 'attempts = 0');
  const sql = `SELECT ${columns} FROM nanocent_tasks WHERE ${where.join(' AND ')} ORDER BY updated_at DESC, key LIMIT $1`;
  return (await session.rows(sql, ...values)).map(taskOf);
}

const insert = `INSERT INTO nanocent_tasks (${columns}) SELECT * FROM unnest($1::text[], $2::text[], $3::text[],
  $4::bigint[], $5::bigint[], $6::text[], $7::bigint[], $8::bigint[]) ON CONFLICT (key) DO`;
const upsert = `${insert} UPDATE SET kind = excluded.kind, body = excluded.body, due_at = excluded.due_at,
  attempts = excluded.attempts, error = excluded.error, version = excluded.version, updated_at = excluded.updated_at`;

export function sendTasks(session: Session, { rows, onlyNew, ended }: TaskChanges): void {
  if (rows.length > 0) session.send(upsert, ...columnsOf(rows));
  if (onlyNew.length > 0) session.send(`${insert} NOTHING`, ...columnsOf(onlyNew));
  if (ended.length > 0) session.send('DELETE FROM nanocent_tasks WHERE key = ANY ($1::text[])', ended);
}

function columnsOf(tasks: readonly Task[]): readonly (readonly Value[])[] {
  const sorted = [...tasks].sort((left, right) => (left.key < right.key ? -1 : 1));
  const rows = sorted.map(({ key, kind, body, dueAt, attempts, error, version, updatedAt }) => [
    ...[key, kind, body, dueAt, attempts, error, version, updatedAt],
  ]);
  return columnsOfRows(rows, 8);
}

function taskOf(row: Row): Task {
  return {
    key: row[0] as string,
    kind: row[1] as string,
    body: row[2] as string,
    dueAt: row[3] === null ? null : Number(row[3]),
    attempts: Number(row[4]),
    error: row[5] as string | null,
    version: Number(row[6]),
    updatedAt: Number(row[7]),
  };
}
