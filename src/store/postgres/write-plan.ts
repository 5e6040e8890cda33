import type { Limit } from '../../limits/limit.ts';
import { hexBytes } from '../ids.ts';
import type { Head, Plan } from '../port.ts';
import { reservationColumns } from '../reservation-codec.ts';
import { narrowFields, wideFields } from '../rollup.ts';
import type { Value } from '../row.ts';
import { encodeLimit } from '../row-codecs.ts';
import {
  columnsOfRows,
  entryRows,
  keyOfTexts,
  namesIn,
  purgePositions,
  reservationRows,
  rollupRows,
  serverEntryColumns,
} from '../server/plan-rows.ts';
import type { Session } from './connection.ts';
import type { LockedAccounts } from './load.ts';
import { sendPurge } from './purge.ts';
import { sumColumns } from './sums-sql.ts';
import { sendTasks } from './tasks.ts';

/** What the plan was decided on. */
export interface Ground {
  readonly head: Head;
  readonly locked: LockedAccounts;
  readonly chain: number;
}

/**
 * Sends everything a plan says, one statement for each table and each in the order of its keys: nothing is waited for, the
 * commit hears of an error. The order of the tables is the same for every batch.
 */
export function sendPlan(session: Session, plan: Plan<unknown>, ground: Ground): void {
  const { head, chain } = ground;
  sendAccounts(session, plan, ground.locked);
  sendReservations(session, plan, head.reservations);
  sendIdempotency(session, plan);
  sendLimits(session, plan);
  sendNames(session, plan);
  const entries = entryRows(plan, chain);
  if (entries.length > 0) session.send(insertEntries, ...columnsOfRows(entries, serverEntryColumns.length));
  sendJournal(session, plan, ground);
  const { narrow, wide } = rollupRows(plan, head.facts.zone, chain);
  if (narrow.length > 0) session.send(upsertNarrow, ...columnsOfRows(narrow, narrowColumns.length));
  if (wide.length > 0) session.send(upsertWide, ...columnsOfRows(wide, wideColumns.length));
  if (plan.purgeBefore !== null) {
    const positions = purgePositions(plan, chain);
    session.send('INSERT INTO nanocent_purges SELECT $1::integer, unnest($2::bigint[])', chain, positions);
    sendPurge(session, plan.purgeBefore, head.facts.zone, chain);
  }
  sendTasks(session, plan.tasks);
}

const updateAccounts = `UPDATE nanocent_accounts AS a SET settled = n.settled, reserved = n.reserved
  FROM unnest($1::bytea[], $2::bigint[], $3::bigint[]) AS n (key, settled, reserved) WHERE a.key = n.key`;
const upsertAccounts = `INSERT INTO nanocent_accounts
  SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])
  ON CONFLICT (key) DO UPDATE SET settled = excluded.settled, reserved = excluded.reserved`;

function sendAccounts(session: Session, plan: Plan<unknown>, { accounts, made }: LockedAccounts): void {
  const known: Value[][] = [];
  const others: Value[][] = [];
  const left = new Set(made);
  for (const account of plan.accounts) {
    const { key, settled, reserved } = account;
    const isZero = settled === 0n && reserved === 0n;
    if (accounts.has(key)) {
      if (isZero && made.has(key)) continue;
      left.delete(key);
      known.push([hexBytes(key), settled, reserved]);
    } else if (!isZero) {
      const { limitId, subject, measure, windowStart, windowEnd } = account;
      const name = [hexBytes(key), limitId, JSON.stringify(subject), measure, windowStart, windowEnd];
      others.push([...name, settled, reserved]);
    }
  }
  if (known.length > 0) session.send(updateAccounts, ...columnsOfRows(known, 3));
  if (others.length > 0) session.send(upsertAccounts, ...columnsOfRows(others, 8));
  const gone = [...left, ...(plan.prunes ?? [])];
  if (gone.length === 0) return;
  session.send('DELETE FROM nanocent_accounts WHERE key = ANY ($1::bytea[])', gone.map(hexBytes));
}

const reservationTypes = [
  ...['uuid', 'text', 'bigint', 'bigint', 'bigint', 'bigint', 'bigint', 'text', 'text', 'text', 'bigint'],
];
const insertReservations = `INSERT INTO nanocent_reservations (${reservationColumns}, last_chain)
  SELECT * FROM ${unnest(reservationTypes)}`;
const updateReservations = `UPDATE nanocent_reservations AS r SET state = n.state, expires_at = n.expires_at,
    ended_at = n.ended_at, fence = n.fence, last_line = n.last_line, last_chain = n.last_chain,
    terms = coalesce(n.terms, r.terms), progress = n.progress
  FROM ${unnest(reservationTypes)} AS n (${reservationColumns}, last_chain) WHERE r.id = n.id`;

function sendReservations(session: Session, plan: Plan<unknown>, loaded: Head['reservations']): void {
  const { added, changed } = reservationRows(plan, loaded);
  if (added.length > 0) session.send(insertReservations, ...columnsOfRows(added, reservationTypes.length));
  if (changed.length > 0)
    session.send(updateReservations, ...columnsOfRows(changed, reservationTypes.length));
}

function sendIdempotency(session: Session, { idempotency, forgets }: Plan<unknown>): void {
  const rows = [...idempotency]
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .map(({ name, fingerprint, answer, at }) => [hexBytes(name), fingerprint, answer, at]);
  const insert = `INSERT INTO nanocent_idempotency SELECT * FROM ${unnest(['bytea', 'text', 'text', 'bigint'])}`;
  if (rows.length > 0) session.send(insert, ...columnsOfRows(rows, 4));
  if (forgets.length === 0) return;
  session.send('DELETE FROM nanocent_idempotency WHERE name = ANY ($1::bytea[])', forgets.map(hexBytes));
}

function sendLimits(session: Session, { limits }: Plan<unknown>): void {
  if (limits.length === 0) return;
  const upsert = `INSERT INTO nanocent_limits SELECT * FROM ${unnest(['bigint', 'text'])}
    ON CONFLICT (id) DO UPDATE SET body = excluded.body`;
  session.send(
    upsert,
    limits.map(({ id }) => id),
    limits.map(encodeLimit),
  );
  session.send('UPDATE nanocent_meta SET config_version = config_version + 1');
}

/**
 * Small stable numbers for providers and models, which the view _llm_usage joins. Those that are there already cost no number
 * and no lock; a provider with an allowance has its number before its first call.
 */
function sendNames(session: Session, plan: Plan<unknown>): void {
  const names = namesIn(plan);
  const providers = new Set([
    ...plan.limits.flatMap(allowedProvider),
    ...names.flatMap((name) => name.provider ?? []),
  ]);
  if (providers.size > 0) {
    const sorted = [...providers].sort();
    session.send(
      insertProviders,
      sorted.map((name) => keyOfTexts([name])),
      sorted,
    );
  }
  if (names.length === 0) return;
  const models = names.map(({ model, provider }) => [keyOfTexts([model, provider]), model, provider]);
  session.send(insertModels, ...columnsOfRows(models, 3));
}

const insertProviders = `INSERT INTO nanocent_providers (hash, name)
  SELECT n.hash, n.name FROM unnest($1::bytea[], $2::text[]) AS n (hash, name)
  WHERE NOT EXISTS (SELECT 1 FROM nanocent_providers AS p WHERE p.hash = n.hash) ORDER BY n.hash ON CONFLICT DO NOTHING`;
const insertModels = `INSERT INTO nanocent_models (hash, name, provider)
  SELECT n.hash, n.name, n.provider FROM unnest($1::bytea[], $2::text[], $3::text[]) AS n (hash, name, provider)
  WHERE NOT EXISTS (SELECT 1 FROM nanocent_models AS m WHERE m.hash = n.hash) ORDER BY n.hash ON CONFLICT DO NOTHING`;

function allowedProvider({ kind, selector }: Limit): readonly string[] {
  const { provider } = selector;
  return kind === 'allowance' && provider !== undefined && provider !== '*' ? [provider] : [];
}

const entryTexts =
  'kind model requested_model provider endpoint caller username project session purpose key tags usage_extra';
const moreEntryTexts = 'cost_source basis price_id charge remark call_id response_id raw_usage salt';
const texts = new Set(`${entryTexts} ${moreEntryTexts}`.split(' '));
const ids = new Set(['id', 'reservation_id', 'adjusts']);
const insertEntries = `INSERT INTO nanocent_entries (${serverEntryColumns.join(', ')}) SELECT * FROM ${unnest(
  serverEntryColumns.map((name) => (ids.has(name) ? 'uuid' : texts.has(name) ? 'text' : 'bigint')),
)}`;

function sendJournal(session: Session, { lines, link }: Plan<unknown>, { head, chain }: Ground): void {
  if (link === null) return;
  const insertLines = `INSERT INTO nanocent_journal SELECT $1::integer, * FROM unnest($2::bigint[], $3::text[])`;
  session.send(
    insertLines,
    chain,
    lines.map(({ position }) => position),
    lines.map(({ body }) => body),
  );
  const { number, firstPosition, lastPosition, at, previous, hash } = link;
  const seal = [hexBytes(previous), hexBytes(hash)];
  session.send(
    'INSERT INTO nanocent_links VALUES ($1, $2, $3, $4, $5, $6, $7)',
    ...[chain, number, firstPosition, lastPosition, at, ...seal],
  );
  session.send(
    'UPDATE nanocent_chain_heads SET position = $2, number = $3, hash = $4, at = $5 WHERE chain = $1',
    ...[chain, lastPosition, number, hexBytes(hash), Math.max(head.now, at)],
  );
}

const narrowColumns = ['chain', 'bucket', 'hash', ...narrowFields, ...sumColumns];
const wideColumns = ['chain', 'bucket', 'hash', ...wideFields, ...sumColumns];
const upsertNarrow = upsertSql('nanocent_rollup_narrow', narrowFields, narrowColumns);
const upsertWide = upsertSql('nanocent_rollup_wide', wideFields, wideColumns);

function upsertSql(table: string, fields: readonly string[], columns: readonly string[]): string {
  const types = [
    'integer',
    'bigint',
    'bytea',
    ...fields.map(() => 'text'),
    ...sumColumns.map(() => 'numeric'),
  ];
  const adds = sumColumns.map((column) => `${column} = r.${column} + excluded.${column}`);
  return `INSERT INTO ${table} AS r (${columns.join(', ')}) SELECT * FROM ${unnest(types)}
    ON CONFLICT (bucket, hash, chain) DO UPDATE SET ${adds.join(', ')}`;
}

/** One array for each column. */
function unnest(types: readonly string[]): string {
  return `unnest(${types.map((type, index) => `$${index + 1}::${type}[]`).join(', ')})`;
}
