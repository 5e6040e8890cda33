import { NanocentError } from '../../errors/error.ts';
import type { Rows } from '../port.ts';
import { type Connections, type Session, sqlState } from './connection.ts';
import { publicViews } from './migrations/2-views.ts';
import { isPermittedFunction } from './select-functions.ts';

/**
 * One read-only query over the public views. What it would touch is asked of the server first, which knows best: the query becomes
 * a view of a transaction that is never committed, and its stored form names every relation, function and operator. Only then
 * it runs, on its own, in a transaction that may only read. Throws query_forbidden, query_invalid.
 */
export async function select(
  connections: Connections,
  sql: string,
  { rowsMax, timeMs }: { readonly rowsMax: number; readonly timeMs: number },
): Promise<Rows> {
  const text = sql.replace(/[\s;]+$/, '');
  await connections
    .transaction('write', async (session) => {
      await limitTime(session, timeMs);
      const forbidden = await whatIsForbidden(session, text);
      if (forbidden !== null) throw forbiddenQuery(forbidden);
      throw new Permitted();
    })
    .catch((error: unknown) => {
      if (!(error instanceof Permitted)) throw queryFailure(error, timeMs);
    });
  return connections
    .snapshot(async (session) => {
      await limitTime(session, timeMs);
      // The driver sends a single statement where it is told to, and the server refuses a second one.
      await session.alone(`DECLARE nanocent_query NO SCROLL CURSOR FOR\n${text}\n`);
      const { fields, rows } = await session.ask(`FETCH ${rowsMax + 1} FROM nanocent_query`);
      return {
        columns: fields.map(({ name }) => name),
        rows: rows.slice(0, rowsMax) as Rows['rows'],
        truncated: rows.length > rowsMax,
      };
    })
    .catch((error: unknown) => {
      throw queryFailure(error, timeMs);
    });
}

/** Ends the transaction that only looked. */
class Permitted extends Error {}

function limitTime(session: Session, timeMs: number): Promise<unknown> {
  return session.row(`SELECT set_config('statement_timeout', $1, true)`, `${timeMs}ms`);
}

/** Inside EXISTS columns may have any names, also the same one twice. */
async function whatIsForbidden(session: Session, text: string): Promise<string | null> {
  await session.alone(`CREATE VIEW nanocent_asked AS SELECT 1 AS one WHERE EXISTS (\n${text}\n)`);
  const stored = await session.row(
    `SELECT ev_action::text FROM pg_rewrite WHERE ev_class = 'nanocent_asked'::regclass AND rulename = '_RETURN'`,
  );
  const tree = String(stored![0]);
  if (tree.includes('{ROWMARKCLAUSE')) return 'locks rows';
  const relations = await session.rows(
    `SELECT c.oid::regclass::text FROM pg_class AS c WHERE c.oid = ANY ($1::oid[])
      AND NOT (c.relnamespace = current_schema()::regnamespace AND c.relname = ANY ($2::text[]))
      AND c.oid <> 'nanocent_asked'::regclass LIMIT 1`,
    numbersOf(tree, /:relid (\d+)/g),
    publicViews,
  );
  if (relations.length > 0) return `reads ${relations[0]![0]}`;
  const calls = await session.rows(
    `SELECT p.proname, n.nspname FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE p.oid = ANY ($1::oid[])`,
    numbersOf(tree, /:(?:funcid|aggfnoid|winfnoid) (\d+)/g),
  );
  const call = calls.find(([name, schema]) => schema !== 'pg_catalog' || !isPermittedFunction(String(name)));
  if (call !== undefined) return `calls ${call[0]}()`;
  const operators = await session.rows(
    `SELECT oprname FROM pg_operator WHERE oid = ANY ($1::oid[]) AND oprnamespace <> 'pg_catalog'::regnamespace LIMIT 1`,
    numbersOf(tree, /:opno (\d+)/g),
  );
  return operators.length > 0 ? `uses the operator ${operators[0]![0]}` : null;
}

function numbersOf(tree: string, pattern: RegExp): string[] {
  return [...new Set([...tree.matchAll(pattern)].map((match) => match[1]!))];
}

function forbiddenQuery(what: string): NanocentError {
  return new NanocentError('query_forbidden', `This query ${what}.`, {
    fix: 'Write one SELECT over the public tables, such as accounting_entries.',
  });
}

function queryFailure(error: unknown, timeMs: number): unknown {
  const state = sqlState(error);
  if (state === '57014') {
    return new NanocentError('query_invalid', `The query ran longer than ${timeMs} ms and was stopped.`, {
      fix: 'Narrow it: a shorter period, fewer columns, a LIMIT.',
      data: { timeMs },
    });
  }
  if (state === '25006' || state === '0A000') return forbiddenQuery('does something else than reading');
  // Classes of errors that are about the query's own text and values.
  if (state === null || !['22', '42', '21', '2F', '54'].includes(state.slice(0, 2))) return error;
  if (state === '42601' && /INSERT|UPDATE|DELETE|multiple commands/.test((error as Error).message))
    return forbiddenQuery('does something else than reading, or has more than one statement');
  return new NanocentError(
    'query_invalid',
    `PostgreSQL cannot run this query: ${(error as Error).message}.`,
    {
      fix: 'Correct the query; `SELECT * FROM accounting_entries LIMIT 1` shows the columns there are.',
    },
  );
}
