import type { TaskChanges } from '../port.ts';
import type { Task, TaskFilter, TaskState } from '../task.ts';
import type { Connection, Row, Value } from './connection.ts';

const columns = 'key, kind, body, due_at, attempts, error, version, updated_at';

export function loadTask(connection: Connection, key: string): Task | null {
  const row = connection.row(`SELECT ${columns} FROM nanocent_tasks WHERE key = ?`, key);
  return row === undefined ? null : taskOf(row);
}

export function loadTasks(connection: Connection, keys: readonly string[]): Map<string, Task> {
  const found = new Map<string, Task>();
  for (const key of keys) {
    const task = loadTask(connection, key);
    if (task !== null) found.set(key, task);
  }
  return found;
}

export function loadDueTasks(connection: Connection, kind: string, now: number, limit: number): Task[] {
  const sql = `SELECT ${columns} FROM nanocent_tasks WHERE kind = ? AND due_at <= ? ORDER BY due_at, key LIMIT ?`;
  return connection.rows(sql, kind, now, limit).map(taskOf);
}

const stateSql: Readonly<Record<TaskState, string>> = {
  waiting: 'due_at IS NOT NULL',
  dead: 'due_at IS NULL AND error IS NOT NULL',
  resting: 'due_at IS NULL AND error IS NULL',
};

export function findTasks(connection: Connection, filter: TaskFilter): Task[] {
  const where = ['TRUE'];
  const values: Value[] = [];
  if (filter.kind !== undefined) {
    where.push('kind = ?');
    values.push(filter.kind);
  }
  if (filter.state !== undefined) where.push(stateSql[filter.state]);
  if (filter.unchangedSince !== undefined) {
    where.push('updated_at <= ?');
    values.push(filter.unchangedSince);
  }
  if (filter.failing !== undefined) where.push(filter.failing ? 'attempts > 0' : 'attempts = 0');
  const sql = `SELECT ${columns} FROM nanocent_tasks WHERE ${where.join(' AND ')}
    ORDER BY updated_at DESC, key LIMIT ?`;
  return connection.rowsOnce(sql, [...values, filter.limit]).map(taskOf);
}

const insert = `INSERT INTO nanocent_tasks (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO`;
const upsert = `${insert} UPDATE SET kind = excluded.kind, body = excluded.body, due_at = excluded.due_at,
  attempts = excluded.attempts, error = excluded.error, version = excluded.version, updated_at = excluded.updated_at`;
const insertOnlyNew = `${insert} NOTHING`;

export function writeTasks(connection: Connection, { rows, onlyNew, ended }: TaskChanges): void {
  for (const task of rows) connection.run(upsert, ...valuesOf(task));
  for (const task of onlyNew) connection.run(insertOnlyNew, ...valuesOf(task));
  for (const key of ended) connection.run('DELETE FROM nanocent_tasks WHERE key = ?', key);
}

function valuesOf(task: Task): Value[] {
  const { key, kind, body, dueAt, attempts, error, version, updatedAt } = task;
  return [key, kind, body, dueAt, attempts, error, version, updatedAt];
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
