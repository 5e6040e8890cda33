import {
  type AuditQuery,
  type AuditRow,
  type LogPage,
  type LogStore,
  type PromptPurge,
  type PromptQuery,
  type PromptRow,
  promptBytes,
} from '../log.ts';

/** Both logs in Maps, by id. */
export class MemoryLogs implements LogStore {
  readonly #audit = new Map<string, AuditRow>();
  readonly #prompts = new Map<string, PromptRow>();

  async appendAudit(rows: readonly AuditRow[]): Promise<void> {
    for (const row of rows) if (!this.#audit.has(row.id)) this.#audit.set(row.id, row);
  }

  async auditRows(query: AuditQuery): Promise<readonly AuditRow[]> {
    return page([...this.#audit.values()], query, ['app', 'username', 'project', 'type']);
  }

  async appendPrompts(rows: readonly PromptRow[]): Promise<void> {
    for (const row of rows) if (!this.#prompts.has(row.id)) this.#prompts.set(row.id, row);
  }

  async promptRows(query: PromptQuery): Promise<readonly PromptRow[]> {
    return page([...this.#prompts.values()], query, ['username', 'model', 'purpose', 'callId']);
  }

  async purgePrompts({ before, username, keepBytes }: PromptPurge): Promise<number> {
    let kept = 0;
    const newestFirst = [...this.#prompts.values()].sort(newest);
    const gone = newestFirst.filter((row) => {
      kept += promptBytes(row);
      return (
        (before !== undefined || username !== undefined || keepBytes !== undefined) &&
        (before === undefined || row.at < before) &&
        (username === undefined || row.username === username) &&
        (keepBytes === undefined || kept > keepBytes)
      );
    });
    for (const { id } of gone) this.#prompts.delete(id);
    return gone.length;
  }
}

interface Row {
  readonly id: string;
  readonly at: number;
}

function newest(left: Row, right: Row): number {
  return right.at - left.at || (left.id < right.id ? 1 : -1);
}

function page<R extends Row, Q extends LogPage>(
  rows: readonly R[],
  query: Q,
  fields: readonly (keyof R & keyof Q)[],
): readonly R[] {
  const { from, to, before, limit } = query;
  return rows
    .filter((row) => (from === null || row.at >= from) && (to === null || row.at < to))
    .filter((row) => !before || row.at < before.at || (row.at === before.at && row.id < before.id))
    .filter((row) =>
      fields.every((field) => query[field] === undefined || (row[field] as unknown) === query[field]),
    )
    .sort(newest)
    .slice(0, limit);
}
