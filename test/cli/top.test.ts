import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openBooks } from '../../src/books/open-books.ts';
import { plainStyle } from '../../src/cli/style.ts';
import { widthOf } from '../../src/cli/text.ts';
import { renderTop } from '../../src/cli/top/render-top.ts';
import { topSnapshot } from '../../src/cli/top/top-snapshot.ts';
import { firstState } from '../../src/cli/top/top-state.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';
import { need } from '../needs.ts';
import { ledgerFile, nanocent } from './command-line.ts';

const main = resolve(import.meta.dirname, '../../src/cli/main.ts');

async function busyLedger(t: TestContext) {
  const file = ledgerFile(t);
  const clock = fakeClock('2026-03-01T10:00:00Z');
  const books = await openBooks({ store: file, clock });
  await books.limits.set({
    scope: 'USER',
    username: '*',
    limitType: 'cost',
    max: '0.02',
    intervalUnit: 'day',
  });
  for (const [username, model] of [
    ['ann', 'gpt-4o'],
    ['bob', 'gpt-4o-mini'],
    ['日本', 'unheard-of-model'],
  ] as const) {
    await books.track({ model, username, promptTokens: 1_000, completionTokens: 500, project: 'books' });
    clock.advance(1_000);
  }
  await books.reserve({ model: 'gpt-4o', username: 'ann', nanocents: 1_000_000_000n });
  clock.advance(5_000);
  return { file, clock, books };
}

test('the screen fits any size: never a line too many, never a line too wide', async (t) => {
  const { books } = await busyLedger(t);
  const snapshot = await topSnapshot(books, '~/books.sqlite');
  await books.close();
  for (const columns of [10, 20, 40, 60, 80, 120, 200]) {
    for (const rows of [3, 8, 12, 24, 60]) {
      for (const showsHelp of [false, true]) {
        const lines = renderTop(snapshot, { ...firstState, showsHelp }, { columns, rows }, plainStyle);
        assert.equal(lines.length, rows, `${columns} × ${rows}`);
        if (columns < 60) continue;
        for (const line of lines) assert.ok(widthOf(line) <= columns, `${columns} × ${rows}: ${line}`);
      }
    }
  }
});

test('the screen as it is drawn', async (t) => {
  const { books } = await busyLedger(t);
  const snapshot = await topSnapshot(books, '~/books.sqlite');
  await books.close();
  const lines = renderTop(snapshot, firstState, { columns: 100, rows: 24 }, plainStyle);
  assert.deepEqual(
    lines.map((line) => line.trimEnd()),
    [
      'nanocent top  ~/books.sqlite                                                 2026-03-01 10:00:08 UTC',
      '$0.008 in the last minute · $0.008 in the last hour · $0.008 today in 3 calls · 1 unpriced',
      '$0.01 held in 1 hold',
      '',
      'Limit         Counts        █ used ▒ held      Used   Held  Maximum  Resets in',
      'username ann  cost per day  █████▒▒▒▒▒▒░    $0.0075  $0.01    $0.02    13h 59m',
      'username bob  cost per day  █░░░░░░░░░░░   $0.00045      –    $0.02    13h 59m',
      '',
      'Hold for  User   Held  Age  Ends in',
      'gpt-4o    ann   $0.01   5s       9m',
      '',
      'Time            Model             Prompt  Completion      Cost  User  Caller  Project  Known by',
      '03-01 10:00:02  unheard-of-model   1,000         500  unpriced  日本  –       books    provider',
      '03-01 10:00:01  gpt-4o-mini        1,000         500  $0.00045  bob   –       books    provider',
      '03-01 10:00:00  gpt-4o             1,000         500  $0.0075   ann   –       books    provider',
      ...Array(8).fill(''),
      'q quit   s sort: time   f filter   ↑↓ move   space pause   ? help',
    ],
  );
});

test('without a terminal it says what to use instead', async (t) => {
  const { file, books } = await busyLedger(t);
  await books.close();
  for (const setting of [{}, { columns: 80 }]) {
    const args = ['--db-file', file, 'top', ...('columns' in setting ? ['--json'] : [])];
    const { code, out, err } = await nanocent(args, setting);
    assert.equal(code, 2);
    assert.equal(out, '');
    assert.match(err, /top needs a terminal to draw on[\s\S]*nanocent tail or nanocent stats|"field":"top"/);
  }
});

/** A program on a terminal of its own; what it writes is kept. */
function onTerminal(t: TestContext, command: string) {
  const python = `import pty,sys,os,struct,fcntl,termios
pid,fd=pty.fork()
if pid==0: os.execvp('sh',['sh','-c',sys.argv[1]])
fcntl.ioctl(fd,termios.TIOCSWINSZ,struct.pack('HHHH',30,100,0,0))
import select
while True:
  ready,_,_=select.select([fd,0],[],[])
  try:
    if fd in ready:
      data=os.read(fd,65536)
      if not data: break
      os.write(1,data)
    if 0 in ready:
      keys=os.read(0,1024)
      if keys: os.write(fd,keys)
  except OSError: break
`;
  const child = spawn('python3', ['-c', python, command], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const until = async (pattern: RegExp, from = 0) => {
    for (let waited = 0; waited < 15_000; waited += 20) {
      if (pattern.test(text.slice(from))) return;
      await pause(20);
    }
    throw new Error(`${pattern} did not come:\n${JSON.stringify(text.slice(from).slice(-2_000))}`);
  };
  return { child, keys: (keys: string) => child.stdin.write(keys), until, text: () => text };
}

/** As it was: line mode with echo, main screen, cursor, wrapping lines. */
async function expectRestored(terminal: ReturnType<typeof onTerminal>): Promise<void> {
  await terminal.until(/left (-?\w+ ?)+\r\n/);
  const text = terminal.text();
  assert.match(text, /left icanon echo/);
  for (const code of ['[?1049', '[?25', '[?7']) {
    const on = code === '[?1049' ? 'l' : 'h';
    assert.equal(text.slice(text.lastIndexOf(`\u001b${code}`) + code.length + 1)[0], on, code);
  }
}

const stty = `echo left $(stty -a | tr ' ;' '\\n\\n' | grep -xE -- '-?(icanon|echo)')`;

test('top on a terminal: draws, obeys keys, and gives the terminal back on q, Ctrl-C and signals', async (t) => {
  if (need('python', t) === undefined) return;
  const { file, books } = await busyLedger(t);
  await books.close();
  const command = `trap : INT; '${process.execPath}' '${main}' --db-file '${file}' top; echo ended $?; ${stty}`;

  const byKey = onTerminal(t, command);
  await byKey.until(/\[\?1049h[\s\S]*unheard-of-model[\s\S]*q quit/);
  byKey.keys('s');
  await byKey.until(/sort: cost/);
  byKey.keys('fann\r');
  await byKey.until(/filter: ann {3}/);
  byKey.keys('?');
  await byKey.until(/Ctrl-C {3}quit/);
  byKey.keys('xq');
  await byKey.until(/ended 0/);
  await expectRestored(byKey);

  const byInterrupt = onTerminal(t, command);
  await byInterrupt.until(/q quit/);
  byInterrupt.keys('\u0003');
  await byInterrupt.until(/ended 0/);
  await expectRestored(byInterrupt);

  for (const [signal, code] of [
    ['TERM', 143],
    ['HUP', 129],
  ] as const) {
    const pidFile = `${file}.pid`;
    const script = `echo $$ > '${pidFile}'; exec '${process.execPath}' '${main}' --db-file '${file}' top`;
    const bySignal = onTerminal(t, `sh -c "${script.replaceAll('$', '\\$')}"; echo ended $?; ${stty}`);
    await bySignal.until(/q quit/);
    spawnSync('sh', ['-c', `kill -${signal} $(cat '${pidFile}')`]);
    await bySignal.until(new RegExp(`ended ${code}`));
    await expectRestored(bySignal);
  }
});

test('top shows calls of other processes as they are booked, and none while it is paused', async (t) => {
  if (need('python', t) === undefined) return;
  const { file, books } = await busyLedger(t);
  const terminal = onTerminal(
    t,
    `'${process.execPath}' '${main}' --db-file '${file}' top; echo ended $?; ${stty}`,
  );
  await terminal.until(/q quit/);
  await books.track({ model: 'brand-new-model', nanocents: 1n });
  await terminal.until(/brand-new-model/);
  terminal.keys(' ');
  await terminal.until(/paused/);
  const pausedAt = terminal.text().length;
  await books.track({ model: 'unseen-model', nanocents: 1n });
  await books.close();
  // Two looks at the ledger later, had there been any.
  await terminal.until(/paused[\s\S]*paused/, pausedAt);
  assert.ok(!terminal.text().includes('unseen-model'));
  terminal.keys('q');
  await expectRestored(terminal);
});

test('an error while it draws ends it with the terminal given back', async (t) => {
  if (need('python', t) === undefined) return;
  const { file, books } = await busyLedger(t);
  await books.close();
  const terminal = onTerminal(
    t,
    `'${process.execPath}' '${main}' --db-file '${file}' top; echo ended $?; ${stty}`,
  );
  await terminal.until(/q quit/);
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(file);
  database.exec('DROP TABLE nanocent_limits; UPDATE nanocent_meta SET config_version = config_version + 1');
  database.close();
  await terminal.until(/ended [1-9]/);
  await expectRestored(terminal);
});
