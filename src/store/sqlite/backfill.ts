import type { Subject } from '../../ledger/account.ts';
import { type SelectorField, selectorFields } from '../../limits/limit.ts';
import { joinHalves } from '../../money/totals.ts';
import type { BackfillQuery, BackfillRow } from '../port.ts';
import type { Connection, Value } from './connection.ts';
import { promptTokensSql, totalTokensSql } from './sums-sql.ts';

/** What a row counts for in a limit's measure; a measure that rows say nothing about counts nothing. */
const measureSql: Readonly<Record<string, string>> = {
  cost: 'nanocents',
  requests: 'calls',
  input_tokens: promptTokensSql,
  output_tokens: 'output',
  total_tokens: totalTokensSql,
};

/** Sums of usage rows by the values of the selector's fields. Rows that the selector does not cover are left out. */
export function backfill(connection: Connection, query: BackfillQuery): BackfillRow[] {
  const { from, where, values, names } = coverSql(query);
  const measure = measureSql[query.measure] ?? '0';
  const sums = `coalesce(sum((${measure}) >> 32), 0), coalesce(sum((${measure}) & 4294967295), 0)`;
  const groups = [startSql(query.stepMs), ...names.flatMap(({ name, value }) => [name, value])];
  const sql = `SELECT ${[sums, ...groups].join(', ')} FROM ${from} WHERE ${where.join(' AND ')}
    GROUP BY ${groups.map((_, index) => index + 3).join(', ')}`;
  return connection.rowsOnce(sql, values).map((row) => ({
    subject: subjectOf(row.slice(3) as string[]),
    start: row[2] === null ? null : Number(row[2]),
    sum: joinHalves(row[0] as bigint, row[1] as bigint),
  }));
}

/** Where a row's stretch begins; the remainder of an instant before 1970 is negative. */
function startSql(stepMs: number | null): string {
  return stepMs === null ? 'NULL' : `at - ((at % ${stepMs}) + ${stepMs}) % ${stepMs}`;
}

interface Cover {
  from: string;
  readonly where: string[];
  readonly values: Value[];
  /** SQL of each subject field's name and value. */
  readonly names: { readonly name: string; readonly value: string }[];
}

function coverSql(query: BackfillQuery): Cover {
  const cover: Cover = { from: 'nanocent_entries', where: ['at >= ?'], values: [query.from], names: [] };
  if (query.to !== null) {
    cover.where.push('at < ?');
    cover.values.push(query.to);
  }
  for (const field of selectorFields) {
    const wanted = query.selector[field];
    if (wanted === undefined) continue;
    if (field === 'tag') coverTag(cover, wanted);
    else coverField(cover, field, wanted);
  }
  return cover;
}

function coverField(cover: Cover, field: Exclude<SelectorField, 'tag'>, wanted: string): void {
  // Limits speak of the model that was asked for; the entry keeps both.
  const column = field === 'model' ? 'coalesce(requested_model, model)' : field;
  cover.names.push({ name: `'${field}'`, value: column });
  if (wanted === '*') cover.where.push(`${column} IS NOT NULL`);
  else {
    cover.where.push(`${column} = ?`);
    cover.values.push(wanted);
  }
}

/** `name=value`, `name` or `name=*` (any value of that tag), `*` (any tag): a row counts once per tag it covers. */
function coverTag(cover: Cover, wanted: string): void {
  const [name = '*', value = '*'] = wanted.split(/=(.*)/s);
  cover.from = 'nanocent_entries, json_each(nanocent_entries.tags) AS tag';
  cover.names.push({ name: `'tag:' || tag.key`, value: 'tag.value' });
  for (const [column, text] of [
    ['tag.key', name],
    ['tag.value', value],
  ] as const) {
    if (text === '*') continue;
    cover.where.push(`${column} = ?`);
    cover.values.push(text);
  }
}

function subjectOf(pairs: readonly string[]): Subject {
  const subject: Record<string, string> = {};
  for (let index = 0; index < pairs.length; index += 2) subject[pairs[index]!] = pairs[index + 1]!;
  return subject;
}
