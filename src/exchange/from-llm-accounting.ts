import { NanocentError } from '../errors/error.ts';
import { BatchCollector } from './collect-batches.ts';
import { openForeignPostgres } from './foreign-postgres.ts';
import { type ForeignDatabase, type ForeignRow, openForeignSqlite } from './foreign-sqlite.ts';
import type { ImportMarks } from './import-marks.ts';
import { batchCallsMax, type ImportSource, type Mark } from './import-source.ts';
import { type AccountingOptions, accountingCall, accountingTable } from './llm-accounting-row.ts';

/** Rows of one accounting_entries table by id, wherever it lies. */
export interface AccountingRows {
  readonly name: string;
  /** Tells this database from others, for marks: a path, or a URL without its password. */
  readonly place: string;
  /** Rows with `id > after`, in order, at most `limit`. */
  page(after: number, limit: number): Promise<readonly ForeignRow[]>;
  counts(after: number): Promise<{ readonly all: number; readonly behind: number }>;
  close(): Promise<void>;
}

/** Entries of a llm-accounting database. Throws what its opening throws, and body_malformed where it lacks the table. */
export async function llmAccountingSource(
  database: string,
  options: AccountingOptions,
  marks: ImportMarks | null,
): Promise<ImportSource> {
  const isUrl = /^postgres(ql)?:\/\//i.test(database);
  const rows = isUrl ? await openForeignPostgres(database) : sqliteRows(openForeignSqlite(database));
  const markName = `llm-accounting:${rows.place}`;
  const start = await startOf(rows, marks?.get(markName));
  const { all, behind } = await rows.counts(start);
  return {
    name: 'llm-accounting',
    places: [rows.name],
    total: behind,
    passedOver: { calls: all - behind, files: 0 },
    notes: () => [],
    async *batches() {
      const collector = new BatchCollector();
      let done = 0;
      try {
        for (let after = start; ; ) {
          const page = await rows.page(after, batchCallsMax);
          const last = page.at(-1);
          if (last === undefined) return;
          for (const row of page) {
            const where = `${rows.name}, entry ${String(row.id)}`;
            collector.add(where, () => accountingCall(row, options, where));
          }
          after = Number(last.id);
          done += page.length;
          yield collector.take(done, new Map([[markName, markOf(last)]]));
        }
      } finally {
        await rows.close();
      }
    },
  };
}

function markOf(row: ForeignRow): Mark {
  return { row: Number(row.id), time: String(row.timestamp ?? row.datetime) };
}

/** After a purge the ids begin anew: a mark holds only while its row is still the one it was. */
async function startOf(rows: AccountingRows, mark: Mark | undefined): Promise<number> {
  if (typeof mark?.row !== 'number') return 0;
  const [row] = await rows.page(mark.row - 1, 1);
  return row !== undefined && Number(row.id) === mark.row && markOf(row).time === mark.time ? mark.row : 0;
}

function sqliteRows(database: ForeignDatabase): AccountingRows {
  if (!database.tables.get(accountingTable)?.has('id')) {
    database.close();
    throw lacksTable(database.name);
  }
  const page = `SELECT * FROM ${accountingTable} WHERE id > ? ORDER BY id LIMIT ?`;
  const counts = `SELECT count(*) AS "all", count(*) FILTER (WHERE id > ?) AS behind FROM ${accountingTable}`;
  return {
    name: database.name,
    place: database.path,
    page: async (after, limit) => database.rows(page, after, limit),
    counts: async (after) => database.rows(counts, after)[0] as { all: number; behind: number },
    close: async () => database.close(),
  };
}

export function lacksTable(name: string): NanocentError {
  return new NanocentError('body_malformed', `${name} has no table ${accountingTable}`, {
    field: 'FILE',
    fix: 'give the database that llm-accounting writes to',
  });
}
