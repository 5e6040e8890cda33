import { NanocentError } from '../../errors/error.ts';
import { decodeLine } from '../../ledger/journal.ts';
import type { Limit } from '../../limits/limit.ts';
import { splitHalves } from '../../money/totals.ts';
import { bundleDeltas } from '../bundle-rollup.ts';
import { entryColumns, entryIdColumns, entryValues } from '../entry-codec.ts';
import { hexBytes } from '../ids.ts';
import type { Head, Plan, PlannedBundle } from '../port.ts';
import { encodeProgress, encodeTerms, reservationColumns, sameTerms } from '../reservation-codec.ts';
import { narrowFields, type RollupDelta, rollupDeltas, sumFields, wideFields } from '../rollup.ts';
import { encodeLimit } from '../row-codecs.ts';
import { writeBundleEntries } from './bundle-entries.ts';
import type { Connection, Value } from './connection.ts';
import { idParameter } from './id-parameter.ts';
import { purge } from './purge.ts';
import { chain } from './row-codecs.ts';
import { sumColumns } from './sums-sql.ts';
import { writeTasks } from './tasks.ts';
import { without } from './totals.ts';

/** What the plan was decided on. */
export interface Ground {
  readonly head: Head;
  readonly zone: string;
  /** Keys of the accounts that have rows. */
  readonly existing: ReadonlySet<string>;
}

/** Writes everything a plan says; the caller holds the transaction. */
export function writePlan(connection: Connection, plan: Plan<unknown>, ground: Ground): void {
  writeAccounts(connection, plan, ground.existing);
  for (const key of plan.prunes ?? []) {
    connection.run('DELETE FROM nanocent_accounts WHERE key = unhex(?)', key);
  }
  writeReservations(connection, plan, ground.head.reservations);
  writeEntries(connection, plan);
  if (plan.bundle) writeBundle(connection, plan.bundle);
  writeJournal(connection, plan, ground.head.now);
  writeIdempotency(connection, plan);
  writeLimits(connection, plan);
  const { narrow, wide } = plan.bundle
    ? bundleDeltas(plan.bundle, ground.zone)
    : rollupDeltas(plan.entries, ground.zone);
  for (const delta of narrow) writeDelta(connection, narrowUpsert, delta);
  for (const delta of wide) writeDelta(connection, wideUpsert, delta);
  if (plan.purgeBefore !== null) {
    notePurges(connection, plan);
    purge(connection, plan.purgeBefore, ground.zone);
  }
  writeTasks(connection, plan.tasks);
}

function writeAccounts(connection: Connection, plan: Plan<unknown>, existing: ReadonlySet<string>): void {
  const update = connection.statement(
    'UPDATE nanocent_accounts SET settled = ?, reserved = ? WHERE key = unhex(?)',
  );
  for (const account of plan.accounts) {
    const { key, settled, reserved } = account;
    if (existing.has(key)) {
      update.run(settled, reserved, key);
    } else if (settled !== 0n || reserved !== 0n) {
      connection.run(
        `INSERT INTO nanocent_accounts VALUES (unhex(?), ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (key) DO UPDATE SET settled = excluded.settled, reserved = excluded.reserved`,
        key,
        account.limitId,
        JSON.stringify(account.subject),
        account.measure,
        account.windowStart,
        account.windowEnd,
        settled,
        reserved,
      );
    }
  }
}

const insertReservation = `INSERT INTO nanocent_reservations (${reservationColumns})
  VALUES (${idParameter}, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const updateReservation = `UPDATE nanocent_reservations
  SET state = ?, expires_at = ?, ended_at = ?, fence = ?, last_line = ?, progress = ? WHERE id = ${idParameter}`;

function writeReservations(connection: Connection, plan: Plan<unknown>, loaded: Head['reservations']): void {
  const insert = connection.statement(insertReservation);
  const update = connection.statement(updateReservation);
  for (const { row, isNew } of plan.reservations) {
    const { id, state, createdAt, expiresAt, endedAt, fence, draft } = row;
    const lastLine = row.lastLine?.position ?? null;
    const progress = encodeProgress(row);
    if (isNew) {
      const terms = encodeTerms(row);
      insert.run(id, state, createdAt, expiresAt, endedAt, fence, lastLine, terms, progress, draft);
      continue;
    }
    const { changes } = update.run(state, expiresAt, endedAt, fence, lastLine, progress, id);
    if (Number(changes) !== 1) throw impossible(`changes reservation ${id}, which is not there`);
    const before = loaded.get(id);
    if (before !== undefined && sameTerms(before, row)) continue;
    connection.run(
      `UPDATE nanocent_reservations SET terms = ? WHERE id = ${idParameter}`,
      encodeTerms(row),
      id,
    );
  }
}

const insertEntry = `INSERT INTO nanocent_entries (${entryColumns.join(', ')})
  VALUES (${entryColumns.map((column) => (entryIdColumns.has(column) ? idParameter : '?')).join(', ')})`;

function writeEntries(connection: Connection, plan: Plan<unknown>): void {
  if (plan.entries.length === 0) return;
  const positions = new Map(plan.lines.map((line) => [line.entryId, line.position]));
  const insert = connection.statement(insertEntry);
  const models = new Map<string, Set<string | null>>();
  for (const entry of plan.entries) {
    const position = positions.get(entry.id);
    if (position === undefined) throw impossible(`has no journal line for entry ${entry.id}`);
    insert.run(...entryValues(entry, position));
    const { model, provider } = entry;
    const providers = models.get(model) ?? new Set();
    if (providers.has(provider)) continue;
    writeNames(connection, provider, model);
    models.set(model, providers.add(provider));
  }
}

function writeBundle(connection: Connection, bundle: PlannedBundle): void {
  for (const [provider, model] of writeBundleEntries(connection, bundle)) {
    writeNames(connection, provider, model);
  }
}

/** Small stable numbers for providers and models, which the view _llm_usage joins. One writer: no race. */
function writeNames(connection: Connection, provider: string | null, model: string): void {
  if (provider !== null) writeProvider(connection, provider);
  connection.run(
    `INSERT INTO nanocent_models (name, provider) SELECT ?1, ?2
     WHERE NOT EXISTS (SELECT 1 FROM nanocent_models WHERE name = ?1 AND provider IS ?2)`,
    model,
    provider,
  );
}

function writeProvider(connection: Connection, provider: string): void {
  connection.run(
    `INSERT INTO nanocent_providers (name) SELECT ?1
     WHERE NOT EXISTS (SELECT 1 FROM nanocent_providers WHERE name = ?1)`,
    provider,
  );
}

function writeJournal(connection: Connection, plan: Plan<unknown>, now: number): void {
  const insert = connection.statement('INSERT INTO nanocent_journal VALUES (?, ?)');
  for (const { position, body } of plan.lines) insert.run(position, body);
  const { link } = plan;
  if (link === null) return;
  connection.run(
    'INSERT INTO nanocent_links VALUES (?, ?, ?, ?, ?, ?)',
    link.number,
    link.firstPosition,
    link.lastPosition,
    link.at,
    hexBytes(link.previous),
    hexBytes(link.hash),
  );
  connection.run(
    'UPDATE nanocent_chain_heads SET position = ?, number = ?, hash = ?, at = ? WHERE chain = ?',
    link.lastPosition,
    link.number,
    hexBytes(link.hash),
    Math.max(now, link.at),
    chain,
  );
}

function writeIdempotency(connection: Connection, plan: Plan<unknown>): void {
  for (const row of plan.idempotency) {
    connection.run(
      'INSERT INTO nanocent_idempotency VALUES (?, ?, ?, ?)',
      hexBytes(row.name),
      row.fingerprint,
      row.answer,
      row.at,
    );
  }
  for (const name of plan.forgets) {
    connection.run('DELETE FROM nanocent_idempotency WHERE name = ?', hexBytes(name));
  }
}

function writeLimits(connection: Connection, plan: Plan<unknown>): void {
  if (plan.limits.length === 0) return;
  for (const limit of plan.limits) {
    if (limit.kind === 'allowance') writeAllowedProvider(connection, limit);
    connection.run(
      'INSERT INTO nanocent_limits VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body',
      limit.id,
      encodeLimit(limit),
    );
  }
  connection.run('UPDATE nanocent_meta SET config_version = config_version + 1');
}

/** A provider with an allowance has its number before its first call: the view _llm_usage_allowance joins it. */
function writeAllowedProvider(connection: Connection, { selector }: Limit): void {
  if (selector.provider !== undefined && selector.provider !== '*')
    writeProvider(connection, selector.provider);
}

const narrowUpsert = upsertSql('nanocent_rollup_narrow', narrowFields);
const wideUpsert = upsertSql('nanocent_rollup_wide', wideFields);

function upsertSql(table: string, fields: readonly string[]): string {
  const keys = ['chain', 'bucket', ...fields.map((field) => `"${field}"`)];
  const columns = [...keys, ...sumColumns];
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
    ON CONFLICT (${keys.join(', ')}) DO UPDATE SET ${sumColumns.map((column) => `${column} = ${column} + excluded.${column}`).join(', ')}`;
}

function writeDelta(connection: Connection, sql: string, delta: RollupDelta): void {
  const values: Value[] = [chain, delta.bucket];
  for (const value of delta.group) values.push(value ?? without);
  for (const field of sumFields) if (field !== 'nanocents') values.push(delta.sums[field]);
  connection.run(sql, ...values, ...splitHalves(delta.sums.nanocents));
}

/** `verify` looks up where a purge excuses missing rows. */
function notePurges(connection: Connection, plan: Plan<unknown>): void {
  for (const line of plan.lines) {
    if (decodeLine(chain, line.body).kind !== 'purge') continue;
    connection.run('INSERT INTO nanocent_purges VALUES (?)', line.position);
  }
}

function impossible(what: string): NanocentError {
  return new NanocentError('plan_impossible', `The batch ${what}; nothing was booked.`, {
    fix: 'This is a defect in Nanocent: please report it.',
  });
}
