import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { need } from '../needs.ts';
import { ledgerFile, nanocent, on } from './command-line.ts';

const main = resolve(import.meta.dirname, '../../src/cli/main.ts');

/** Options after `track --model m`, the code, and what the words have to name. */
const refusedCalls: readonly (readonly [options: string, code: string, named: RegExp])[] = [
  ['--prompt-tokens -5', 'usage_invalid', /--prompt-tokens is -5/],
  ['--prompt-tokens=-1', 'usage_invalid', /--prompt-tokens is -1/],
  ['--prompt-tokens 1.5', 'usage_invalid', /--prompt-tokens is 1\.5/],
  ['--completion-tokens 1e3', 'usage_invalid', /--completion-tokens is 1e3/],
  ['--completion-tokens 1000000000001', 'usage_invalid', /from 0 to 1000000000000/],
  ['--completion-tokens 99999999999999999999999', 'usage_invalid', /--completion-tokens/],
  ['--tool-calls NaN', 'usage_invalid', /--tool-calls is NaN/],
  ['--prompt-tokens 0x10', 'usage_invalid', /--prompt-tokens/],
  [
    '--prompt-tokens 100 --completion-tokens 50 --total-tokens 151',
    'usage_inconsistent',
    /--total-tokens is 151.*100 \+ 50 = 150/,
  ],
  ['--total-tokens 99 --prompt-tokens 100', 'usage_inconsistent', /--total-tokens is 99/],
  ['--prompt-tokens 10 --cached-tokens 11', 'usage_inconsistent', /cached tokens \(11\)/],
  ['--cached-tokens 1', 'usage_inconsistent', /not given/],
  ['--completion-tokens 10 --reasoning-tokens 11', 'usage_inconsistent', /reasoning tokens \(11\)/],
  [
    '--local-prompt-tokens 1 --local-completion-tokens 1 --local-total-tokens 3',
    'usage_inconsistent',
    /--local-total-tokens is 3/,
  ],
  ['--cost -0.01', 'amount_invalid', /--cost/],
  ['--cost 1e-3', 'amount_invalid', /--cost/],
  ['--cost $1', 'amount_invalid', /--cost/],
  ['--cost 0.000000000001', 'amount_invalid', /finer than one nanocent/],
  ['--cost 92233720.36854775808', 'amount_overflow', /--cost/],
  ['--execution-time -1', 'field_invalid', /--execution-time is -1/],
  ['--execution-time 31536001', 'field_invalid', /one year/],
  ['--timestamp yesterday', 'time_invalid', /timestamp "yesterday"/],
  ['--timestamp 2026-02-30', 'time_invalid', /does not exist/],
  ['--timestamp 2999-01-01', 'time_invalid', /24 hours ahead/],
  ['--timestamp 1969-12-31', 'time_invalid', /before 1970/],
  ['--username', 'field_missing', /--username needs a value/],
  ['--username --json', 'field_missing', /--username needs a value/],
  ['--tag team', 'field_invalid', /--tag team is not NAME=VALUE/],
  ['--cost 1 --cost 2', 'field_invalid', /--cost is given twice/],
  ['--caller a --caller-name b', 'field_invalid', /--caller-name is given twice/],
  ['--quiet=yes', 'field_invalid', /--quiet is a switch/],
  ['--promt-tokens 1', 'option_unknown', /did you mean --prompt-tokens\?/],
  ['--json --csv', 'field_invalid', /exclude each other/],
  ['extra', 'field_invalid', /extra/],
];

test('what is not true of any call is refused with its field and a fix, and nothing is booked', async (t) => {
  const file = ledgerFile(t);
  const run = on(file);
  await run('track', '--model', 'before', '--cost', '1');
  for (const [options, code, named] of refusedCalls) {
    const said = await nanocent(['--db-file', file, '-q', 'track', '--model', 'm', ...options.split(' ')]);
    assert.deepEqual([said.code, said.out], [2, ''], options);
    const words = options.includes('--json') ? JSON.parse(said.err).error.message : said.err;
    assert.match(words, named, options);
    if (options.includes('--json')) continue;
    assert.match(said.err, /^nanocent: .+\n {2}fix: .+\n$/, options);
    const document = await nanocent([
      '--db-file',
      file,
      '-q',
      '--json',
      'track',
      '--model',
      'm',
      ...options.split(' '),
    ]);
    const { schema, error } = JSON.parse(document.err);
    assert.deepEqual([schema, error.code, error.kind], ['nanocent.error/1', code, 'invalid'], options);
  }
  assert.match(await run('verify'), /^balanced: 1 usage row,/);
});

test('track without a model, with an empty or an endless one', async (t) => {
  const file = ledgerFile(t);
  for (const args of [
    [],
    ['--model', ''],
    ['--model', ' '],
    ['--model', 'm'.repeat(257)],
    ['--model', 'a\nb'],
  ]) {
    const said = await nanocent(['--db-file', file, '-q', 'track', ...args]);
    assert.equal(said.code, 2, args.join(' '));
    assert.match(said.err, /^nanocent: .*model/);
  }
});

test('commands and options that do not exist: the nearest known one', async () => {
  for (const [args, near] of [
    ['trak', 'did you mean track?'],
    ['stat', 'did you mean stats?'],
    ['limits sett', 'did you mean limits set?'],
    ['frobnicate', 'see nanocent help'],
    ['stats --dayly', 'did you mean --daily?'],
    ['stats --by usr', 'did you mean user?'],
    ['--jsn tail', 'did you mean --json?'],
    ['--model m track', 'see the command with --help'],
    ['completions powershell', 'use bash, zsh, fish'],
    ['help trakc', 'did you mean track?'],
  ] as const) {
    const said = await nanocent(args.split(' '));
    assert.deepEqual([said.code, said.out], [2, ''], args);
    assert.match(said.err, new RegExp(near.replace('?', '\\?')), args);
  }
});

test('JSON lines: good ones are booked, bad ones are named by number, exit 2', async (t) => {
  const file = ledgerFile(t);
  const lines = [
    '\ufeff{"model":"a","promptTokens":10,"completionTokens":5,"cost":"0.5"}\r',
    '{"model":"b","prompt_tokens":-1}',
    '',
    'not json',
    '[1]',
    '{"model":"c","cost":0.25,"caller_name":"x","execution_time":1.5,"tags":{"team":"search"}}',
    '{"model":"d","promtTokens":1}',
    '{"prompt_tokens":1}',
    '{"model":"e","cost":0.30000000000000004}',
    '{"model":"f","nanocents":"25000000000","username":null}',
    `{"model":"${'g'.repeat(1_048_577)}"}`,
    '{"model":"h","usd":"1","nanocents":"1"}',
  ];
  const said = await nanocent(['--db-file', file, 'track', '-', '--json'], { input: lines.join('\n') });
  assert.equal(said.code, 2);
  const tally = JSON.parse(said.out);
  assert.deepEqual(
    [tally.schema, tally.lines, tally.booked, tally.failed, tally.usd],
    ['nanocent.tracked/1', 11, 3, 8, '1.00'],
  );
  const named = [...said.err.matchAll(/^nanocent: line (\d+): (.*)$/gm)].map(([, number, words]) => [
    Number(number),
    words,
  ]);
  assert.deepEqual(
    named.map(([number]) => number).sort((left, right) => (left as number) - (right as number)),
    [2, 4, 5, 7, 8, 9, 11, 12],
  );
  const words = Object.fromEntries(named);
  assert.match(words[2], /promptTokens is -1/);
  assert.match(words[4], /^not JSON/);
  assert.match(words[7], /there is no field promtTokens \(did you mean promptTokens\?\)/);
  assert.match(words[9], /finer than one nanocent/);
  assert.match(words[11], /longer than 1048576 bytes/);
  assert.deepEqual(
    tally.errors
      .map(({ line }: { line: number }) => line)
      .sort((left: number, right: number) => left - right),
    [2, 4, 5, 7, 8, 9, 11, 12],
  );
  const { entries } = JSON.parse(await on(file)('tail', '--json'));
  const booked = entries.map(({ model, nanocents, caller, tags }: Record<string, unknown>) => [
    model,
    nanocents,
    caller,
    tags,
  ]);
  assert.deepEqual(booked.sort(), [
    ['a', '50000000000', null, {}],
    ['c', '25000000000', 'x', { team: 'search' }],
    ['f', '25000000000', null, {}],
  ]);
});

test('5,000 lines in bounded memory and few commits', async (t) => {
  const file = ledgerFile(t);
  let underWay = 0;
  async function* input(): AsyncGenerator<Uint8Array> {
    for (let line = 0; line < 5_000; line++) {
      underWay += 1;
      yield Buffer.from(`{"model":"m","cost":"0.001","idempotencyKey":"k${line}"}\n`);
    }
  }
  const said = await nanocent(['--db-file', file, '-q', 'track', '-'], { input: input() });
  assert.deepEqual([said.code, said.out, underWay], [0, '5,000 calls booked, $5.00\n', 5_000]);
  const links = new DatabaseSync(file, { readOnly: true })
    .prepare('SELECT count(*) AS n FROM nanocent_links')
    .get();
  assert.ok(Number(links!.n) <= 100, `${links!.n} commits`);
  const again = await nanocent(['--db-file', file, '-q', 'track', '-'], {
    input: '{"model":"m","cost":"0.001","idempotencyKey":"k7"}\n',
  });
  assert.equal(again.out, '0 calls booked, $0.00; 1 booked before\n');
});

/** Closed at once: a handle left to the garbage collector writes its log into the file whenever that runs. */
function inFile(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

test('files that are no ledger, or not one for this program', async (t) => {
  const file = ledgerFile(t);
  await on(file)('track', '--model', 'm', '--cost', '1');
  const foreign = `${file}.foreign`;
  inFile(foreign, 'CREATE TABLE customers (id INTEGER)');
  const text = `${file}.txt`;
  writeFileSync(text, 'These are my notes, which are longer than a header.\n'.repeat(20));
  const newer = `${file}.newer`;
  await on(newer)('track', '--model', 'm', '--cost', '1');
  inFile(newer, "INSERT INTO nanocent_migrations VALUES (99, 'later', 'x', 0)");
  const folder = resolve(file, '..');
  const wrong: readonly (readonly [file: string, exit: number, code: string])[] = [
    [text, 6, 'store_not_a_database'],
    [foreign, 5, 'store_foreign'],
    [newer, 7, 'schema_newer'],
    [folder, 6, 'store_unreachable'],
    [join(text, 'below', 'books.sqlite'), 6, 'store_unreachable'],
  ];
  for (const [name, exit, code] of wrong) {
    const before = name === folder || !existsSync(name) ? null : readFileSync(name);
    for (const args of [['track', '--model', 'm', '--cost', '1'], ['tail']]) {
      const said = await nanocent(['--db-file', name, '--json', ...args]);
      const { error } = JSON.parse(said.err.trim().split('\n').at(-1)!);
      assert.deepEqual([said.code, error.code], [exit, code], `${args[0]} ${name}`);
      assert.match(error.message, new RegExp(name.replace(/[^\w/]/g, '.')));
      assert.ok(error.fix, code);
    }
    if (before) assert.ok(before.equals(readFileSync(name)), `${name} was changed`);
  }
  assert.equal(
    (await nanocent(['--db-file', foreign, '--init', 'track', '--model', 'm', '--cost', '1'])).code,
    0,
  );
});

test('other backends and two ledgers at once: said before anything is opened', async (t) => {
  const file = ledgerFile(t);
  for (const args of [
    ['--db-backend', 'postgresql'],
    ['--db-backend', 'neon'],
    ['--db-backend', 'neon', '--neon-connection-string', 'mysql://user:secret@host/db'],
    [
      '--db-backend',
      'neon',
      '--neon-connection-string',
      'postgresql://user:secret@host/db?sslmode=sometimes',
    ],
    ['--db-url', 'postgresql://user:secret@host/db?what=this'],
    ['--db-url', 'postgresql://user:secret@host:port/db'],
    ['--db-url', 'oracle://user:secret@host/db'],
    ['--db-file', file, '--db-url', `sqlite:${file}`],
    ['--db-file', file, '--db-backend', 'mysql'],
    ['--db-backend', 'oracle'],
  ]) {
    const said = await nanocent([...args, 'tail']);
    assert.equal(said.code, 2, said.err);
    assert.doesNotMatch(said.err, /secret/);
    assert.equal(existsSync(file), false);
  }
  const ignored = await nanocent(['--db-file', file, 'tail'], {
    environment: { DATABASE_URL: 'postgresql://h/d' },
  });
  assert.equal(ignored.code, 0);
});

test('a ledger that stays locked: exit 6 after the wait, nothing booked', async (t) => {
  const file = ledgerFile(t);
  await on(file)('track', '--model', 'm', '--cost', '1');
  const other = new DatabaseSync(file);
  other.exec('BEGIN IMMEDIATE');
  const said = await nanocent(['--db-file', file, 'track', '--model', 'm', '--cost', '1', '--json']);
  other.exec('ROLLBACK');
  other.close();
  const { error } = JSON.parse(said.err.trim().split('\n').at(-1)!);
  assert.deepEqual([said.code, error.code], [6, 'store_busy']);
  assert.match(await on(file)('verify'), /^balanced: 1 usage row,/);
});

test('a ledger that may only be read: booking says so, reading goes on', async (t) => {
  if (process.platform === 'win32') return;
  const file = ledgerFile(t);
  const folder = join(file, '..', 'shared');
  mkdirSync(folder);
  chmodSync(resolve(file, '..'), 0o755);
  const shared = join(folder, 'books.sqlite');
  await on(shared)('track', '--model', 'm', '--cost', '1');
  chmodSync(shared, 0o444);
  chmodSync(folder, 0o755);
  // Root may write anywhere, so the program is run as nobody.
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const program = (...args: string[]) =>
    spawnSync(process.execPath, [main, '--db-file', shared, ...args], {
      encoding: 'utf8',
      cwd: folder,
      env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder },
      ...user,
    });
  const booking = () => {
    const { status, stderr } = program('track', '--model', 'm', '--cost', '1');
    assert.equal(status, 6, stderr);
    assert.match(stderr, /cannot be written to.*\n {2}fix: Give this user write access/);
  };
  booking();
  const refused = program('tail');
  assert.equal(refused.status, 6, 'SQLite cannot even read beside a log that it may not make');
  assert.match(refused.stderr, /its folder, which must take the -wal and -shm files/);
  chmodSync(folder, 0o777);
  booking();
  const reading = program('tail', '--json');
  assert.equal(reading.status, 0, reading.stderr);
  assert.equal(JSON.parse(reading.stdout).entries.length, 1);
  assert.match(reading.stderr, /^ledger books\.sqlite\n$/);
});

test('a full disk: exit 6, nothing half-written, and all is well once there is room', (t) => {
  const small = need('smallDisk', t);
  if (small === undefined) return;
  const script = `
    cd "$DISK"
    program() { "$NODE" "$MAIN" --db-file books.sqlite --quiet "$@"; }
    program track --model m --cost 1 >/dev/null
    free=$(df -Pk . | awk 'END { print $4 }')
    head -c "$((free - 2000))k" /dev/zero > filler
    i=0; while [ $i -lt 6000 ]; do i=$((i+1)); echo '{"model":"m","cost":"1","session":"'$i'"}'; done > "$LINES"
    program track - --json < "$LINES"; echo "exit $?"
    rm filler
    program verify; echo "exit $?"
    program select --csv --query 'SELECT count(*) AS n FROM accounting_entries'
    program track --model m --cost 1 >/dev/null; echo "exit $?"`;
  const environment = { NODE: process.execPath, MAIN: main, LINES: `${ledgerFile(t)}.jsonl` };
  const { stdout, stderr } = small(script, environment);
  const [document, exit, balanced, verified, , count, after] = stdout.split(/\r?\n/);
  assert.equal(exit, 'exit 6', stderr);
  const { error } = JSON.parse(stderr);
  assert.equal(error.code, 'store_full');
  assert.match(error.message, /could not grow: the disk or quota is full/);
  assert.match(balanced!, /^balanced: /);
  assert.deepEqual([verified, after], ['exit 0', 'exit 0']);
  const { booked } = JSON.parse(document!);
  assert.ok(booked > 0 && booked < 6000, 'the disk was full half-way');
  assert.equal(Number(count), booked + 1);
});
