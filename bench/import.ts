/**
 * `nanocent import claude` of the built program into a new SQLite ledger, beside the floor: the same rows put into the same tables
 * by plain SQL, in as many transactions. Build first: npm run build. `two lines a call` are logs as Claude Code streams them,
 * `one line a call` the same without what streaming repeats.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { writeClaudeLogs } from './agent-logs.ts';
import { runMeasured } from './measured-run.ts';
import { machineLine, median, rate, say, table, temporaryFolder } from './support.ts';

const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const messages = Number(process.env.MESSAGES ?? 100_000);
const rounds = Number(process.env.ROUNDS ?? 5);
const folder = temporaryFolder();

interface Measured {
  readonly ms: number;
  readonly processorMs: number;
  readonly memoryMb: number;
}

const kinds = { 'two lines a call': 2, 'one line a call': 1 } as const;
const logs = Object.entries(kinds).map(([name, linesPerCall]) => {
  const home = join(folder, name);
  mkdirSync(home);
  return { name, home, ...writeClaudeLogs(home, { messages, sessions: 240, linesPerCall }) };
});
say(machineLine());
for (const { name, messages: lines, calls, bytes } of logs) {
  say(
    `${name}: ${rate(lines)} messages of ${rate(calls)} calls, ${(bytes / 1e6).toFixed(0)} MB in 240 files`,
  );
}
const measured = new Map<string, Measured[]>();
const rates = new Map<string, number>();
for (let round = 0; round < rounds; round++) {
  for (const { name, home, messages: lines, calls } of logs) {
    const file = join(folder, 'books.sqlite');
    for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
    rmSync(join(home, 'data'), { recursive: true, force: true });
    await measure(`${name}: import`, lines, () => importInto(file, home));
    await measure(`${name}: again, files unchanged`, lines, () => importInto(file, home));
    await measure(`${name}: floor, plain SQL`, lines, async () => floor(file, calls));
  }
}
say('');
say(
  table(
    ['', 'ms', 'least', 'processor ms', 'messages/s', 'MB'],
    [...measured].map(([name, own]) => [
      name,
      median(own.map(({ ms }) => ms)).toFixed(0),
      Math.min(...own.map(({ ms }) => ms)).toFixed(0),
      median(own.map(({ processorMs }) => processorMs)).toFixed(0),
      rate((rates.get(name)! * 1000) / median(own.map(({ ms }) => ms))),
      Math.max(...own.map(({ memoryMb }) => memoryMb)).toFixed(0),
    ]),
  ),
);

async function measure(name: string, lines: number, run: () => Promise<Measured>): Promise<void> {
  rates.set(name, lines);
  measured.set(name, [...(measured.get(name) ?? []), await run()]);
}

function importInto(file: string, home: string): Promise<Measured> {
  const environment = { ...process.env, HOME: home, XDG_DATA_HOME: join(home, 'data') };
  return runMeasured([program, 'import', 'claude', '--db-file', file, '--quiet'], environment);
}

/** Rows, indexes and keys of an import that has just been made, copied by SQLite out of their own database into an empty one. */
function floor(file: string, calls: number): Measured {
  const target = join(folder, 'floor.sqlite');
  for (const end of ['', '-wal', '-shm']) rmSync(target + end, { force: true });
  const database = new DatabaseSync(target);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 6000');
  const source = new DatabaseSync(file, { readOnly: true });
  const tables = ['nanocent_entries', 'nanocent_idempotency'];
  for (const { sql } of source
    .prepare('SELECT sql FROM sqlite_schema WHERE tbl_name IN (?, ?) AND sql IS NOT NULL ORDER BY type DESC')
    .all(...tables) as { sql: string }[])
    database.exec(sql);
  const read = tables.map((name) => {
    const rows = source.prepare(`SELECT * FROM ${name}`);
    rows.setReadBigInts(true);
    rows.setReturnArrays(true);
    const all = rows.all() as unknown as (string | bigint | null | Uint8Array)[][];
    const marks = all[0]!.map(() => '?').join(', ');
    return { all, insert: database.prepare(`INSERT INTO ${name} VALUES (${marks})`) };
  });
  const started = performance.now();
  const used = process.cpuUsage();
  for (let from = 0; from < calls; from += 1_000) {
    database.exec('BEGIN IMMEDIATE');
    for (const { all, insert } of read) for (const row of all.slice(from, from + 1_000)) insert.run(...row);
    database.exec('COMMIT');
  }
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(used);
  source.close();
  database.close();
  return { ms, processorMs: (user + system) / 1000, memoryMb: 0 };
}
