import { NanocentError } from '../errors/error.ts';
import { BatchCollector } from './collect-batches.ts';
import { type ForeignDatabase, type ForeignRow, openForeignSqlite } from './foreign-sqlite.ts';
import { foreignCount, foreignInstant, foreignObject, foreignText } from './foreign-values.ts';
import type { ImportMarks } from './import-marks.ts';
import { batchCallsMax, type ImportBatch, type ImportSource } from './import-source.ts';
import { type ImportedCall, providerId, responseIdentity, unsaid } from './imported-call.ts';
import { llmUsage } from './llm-usage.ts';

/** One row a model call, in either schema (https://llm.datasette.io, migrations up to m027, checked 2026-11-22). */
const tablesRead = [
  { table: 'responses', session: 'conversation_id' },
  // Since 0.32; the older table stays as it is beside it.
  { table: 'turns', session: 'thread_id' },
] as const;

const columnsRead = [
  'id',
  'model',
  'resolved_model',
  'input_tokens',
  'output_tokens',
  'token_details',
  'duration_ms',
  'datetime_utc',
  'response_json',
];

/**
 * Calls in a logs.db of Simon Willison's `llm`. Its times are UTC and it knows no costs: each call is priced by the catalog.
 * Throws file_not_found, store_not_a_database, and body_malformed for a database without its tables.
 */
export function llmSource(file: string, marks: ImportMarks | null): ImportSource {
  const database = openForeignSqlite(file);
  const known = tablesRead.filter(({ table }) => database.tables.get(table)?.has('model'));
  if (known.length === 0) {
    database.close();
    throw new NanocentError('body_malformed', `${file} has neither the table responses nor turns of llm`, {
      field: 'FILE',
      fix: 'give the file that `llm logs path` prints',
    });
  }
  const passedOver = { calls: 0, files: 0 };
  const walks = known.map(({ table, session }) => openWalk(database, { table, session }, marks));
  return {
    name: 'llm',
    places: [file],
    total: walks.reduce((sum, walk) => sum + walk.count, 0),
    passedOver,
    notes: () => [],
    async *batches() {
      let done = 0;
      try {
        for (const walk of walks) {
          passedOver.calls += walk.seen;
          for (const batch of walk.batches()) {
            yield { ...batch, done: done + batch.done };
          }
          done += walk.count;
        }
      } finally {
        database.close();
      }
    },
  };
}

interface Walk {
  /** Rows not imported before. */
  readonly count: number;
  /** Rows passed over. */
  readonly seen: number;
  batches(): Generator<ImportBatch>;
}

/** Rows of one table by row number, behind the last one imported. */
function openWalk(
  database: ForeignDatabase,
  from: { table: string; session: string },
  marks: ImportMarks | null,
): Walk {
  const { table } = from;
  const columns = database.tables.get(table)!;
  const wanted = [...columnsRead, from.session].filter((column) => columns.has(column));
  const list = wanted.map((column) => `"${column}"`).join(', ');
  const markName = `llm:${table}:${database.path}`;
  const start = startOf(database, table, marks?.get(markName));
  const counts = database.rows(
    `SELECT count(*) AS "all", count(*) FILTER (WHERE rowid > ?) AS "new" FROM "${table}"`,
    start,
  )[0]!;
  const sql = `SELECT rowid AS row_number, ${list} FROM "${table}" WHERE rowid > ? ORDER BY rowid LIMIT ${batchCallsMax}`;
  return {
    count: counts.new as number,
    seen: (counts.all as number) - (counts.new as number),
    *batches() {
      const collector = new BatchCollector();
      let done = 0;
      for (let after = start; ; ) {
        const rows = database.rows(sql, after);
        const last = rows.at(-1);
        if (last === undefined) return;
        for (const row of rows) {
          const where = `${database.name}, ${table} ${String(row.id)}`;
          collector.add(where, () => callOf(row, from.session, where));
        }
        after = last.row_number as number;
        done += rows.length;
        yield collector.take(done, new Map([[markName, { row: after, id: String(last.id) }]]));
      }
    },
  };
}

/** Row numbers change when a database is compacted: they count only while the last row is still where it was. */
function startOf(database: ForeignDatabase, table: string, mark: ReturnType<ImportMarks['get']>): number {
  if (typeof mark?.row !== 'number') return 0;
  const row = database.rows(`SELECT id FROM "${table}" WHERE rowid = ?`, mark.row)[0];
  return row !== undefined && String(row.id) === mark.id ? mark.row : 0;
}

function callOf(row: ForeignRow, sessionColumn: string, where: string): ImportedCall {
  const id = foreignText(row.id) ?? '';
  const response = foreignObject(row.response_json);
  const counts = llmUsage(
    foreignCount(row.input_tokens, 'input_tokens'),
    foreignCount(row.output_tokens, 'output_tokens'),
    foreignObject(row.token_details) ?? {},
    foreignObject(response?.usage),
  );
  const responseId = providerId(response?.id);
  const asked = foreignText(row.model) ?? '';
  const served = foreignText(row.resolved_model);
  const duration = foreignCount(row.duration_ms, 'duration_ms');
  return {
    ...unsaid,
    identity: responseId === null ? `llm\n${id}` : responseIdentity(responseId),
    where,
    responseId,
    at: foreignInstant(row.datetime_utc, 'UTC', 'datetime_utc'),
    model: served ?? asked,
    requestedModel: served === null || served === asked ? null : asked,
    usage: counts.usage,
    remark: `from llm's log, ${counts.certainty}`,
    executionMicroseconds: duration === null ? null : duration * 1000,
    caller: 'llm',
    session: foreignText(row[sessionColumn]),
    rawUsage: foreignText(row.token_details),
  };
}
