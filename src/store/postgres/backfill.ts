import type { Subject } from '../../ledger/account.ts';
import { type SelectorField, selectorFields } from '../../limits/limit.ts';
import type { BackfillQuery, BackfillRow } from '../port.ts';
import type { Session } from './connection.ts';
import type { Parameter } from './driver.ts';
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
export async function backfill(session: Session, query: BackfillQuery): Promise<BackfillRow[]> {
  const { from, where, values, names } = coverSql(query);
  const sum = `coalesce(sum(${measureSql[query.measure] ?? '0'}), 0)`;
  const groups = [startSql(query.stepMs), ...names.flatMap(({ name, value }) => [name, value])];
  const sql = `SELECT ${[sum, ...groups].join(', ')} FROM ${from} WHERE ${where.join(' AND ')}
    GROUP BY ${groups.map((_, index) => index + 2).join(', ')}`;
  const rows = await session.rows(sql, ...values);
  return rows.map((row) => ({
    subject: subjectOf(row.slice(2) as string[]),
    start: row[1] === null ? null : Number(row[1]),
    sum: row[0] as bigint,
  }));
}

/** Where a row's stretch begins; the remainder of an instant before 1970 is negative. */
function startSql(stepMs: number | null): string {
  return stepMs === null ? 'NULL::bigint' : `at - ((at % ${stepMs}) + ${stepMs}) % ${stepMs}`;
}

interface Cover {
  from: string;
  readonly where: string[];
  readonly values: Parameter[];
  /** SQL of each subject field's name and value. */
  readonly names: { readonly name: string; readonly value: string }[];
}

function coverSql(query: BackfillQuery): Cover {
  const cover: Cover = { from: 'nanocent_entries', where: ['at >= $1'], values: [query.from], names: [] };
  if (query.to !== null) cover.where.push(`at < $${cover.values.push(query.to)}`);
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
  cover.names.push({ name: `'${field}'::text`, value: column });
  if (wanted === '*') cover.where.push(`${column} IS NOT NULL`);
  else cover.where.push(`${column} = $${cover.values.push(wanted)}`);
}

/** `name=value`, `name` or `name=*` (any value of that tag), `*` (any tag): a row counts once per tag it covers. */
function coverTag(cover: Cover, wanted: string): void {
  const [name = '*', value = '*'] = wanted.split(/=(.*)/s);
  cover.from = 'nanocent_entries CROSS JOIN json_each_text(nanocent_entries.tags::json) AS tag (name, value)';
  cover.names.push({ name: `'tag:' || tag.name`, value: 'tag.value' });
  for (const [column, text] of [
    ['tag.name', name],
    ['tag.value', value],
  ] as const) {
    if (text !== '*') cover.where.push(`${column} = $${cover.values.push(text)}`);
  }
}

function subjectOf(pairs: readonly string[]): Subject {
  const subject: Record<string, string> = {};
  for (let index = 0; index < pairs.length; index += 2) subject[pairs[index]!] = pairs[index + 1]!;
  return subject;
}
