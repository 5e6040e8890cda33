import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ledgerFile, on } from './command-line.ts';

// What only a process of its own shows: standard streams, signals, the environment, the current folder.

const main = resolve(import.meta.dirname, '../../src/cli/main.ts');

/** Without any variable of ours. */
function plainEnvironment(more: Record<string, string> = {}): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME, ...more };
}

function program(args: readonly string[], cwd: string, environment: Record<string, string> = {}) {
  return spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    cwd,
    env: plainEnvironment(environment),
  });
}

test('--version alone prints the version', (t) => {
  const { status, stdout, stderr } = program(['--version'], resolve(ledgerFile(t), '..'));
  assert.equal(status, 0);
  assert.match(stdout, /^nanocent \d+\.\d+\.\d+\n$/);
  assert.equal(stderr, '');
});

test("which ledger: the option, the environment, ./nanocent.sqlite, the user's data folder", (t) => {
  const folder = resolve(ledgerFile(t), '..');
  const data = join(folder, 'data');
  const call = ['track', '--model', 'm', '--cost', '1'];
  const XDG_DATA_HOME = data;
  const first = program(call, folder, { XDG_DATA_HOME });
  assert.equal(first.stderr.split('\n')[0], 'ledger data/nanocent/nanocent.sqlite (new)');
  if (process.platform !== 'win32') {
    assert.equal(statSync(join(data, 'nanocent/nanocent.sqlite')).mode & 0o777, 0o600);
  }
  program(['--db-file', 'nanocent.sqlite', ...call], folder);
  assert.match(program(call, folder, { XDG_DATA_HOME }).stderr, /^ledger nanocent\.sqlite\n/);
  const NANOCENT_DB_FILE = 'environment.sqlite';
  assert.match(program(call, folder, { NANOCENT_DB_FILE }).stderr, /^ledger environment\.sqlite \(new\)\n/);
  const option = program(['--db-file', 'option.sqlite', ...call], folder, { NANOCENT_DB_FILE });
  assert.match(option.stderr, /^ledger option\.sqlite \(new\)\n/);
});

test('a reader that goes away ends the output, not the program', async (t) => {
  const file = ledgerFile(t);
  const lines = Array.from({ length: 1_000 }, (_, line) => `{"model":"m${line}","cost":"1"}\n`).join('');
  const booking = spawn(
    'sh',
    ['-c', '"$NODE" "$MAIN" --db-file "$FILE" track - --json | true; cat "$STATUS"'],
    {
      env: plainEnvironment({ NODE: process.execPath, MAIN: main, FILE: file, STATUS: '/dev/null' }),
      stdio: ['pipe', 'ignore', 'pipe'],
    },
  );
  booking.stdin.end(lines);
  const errors: string[] = [];
  booking.stderr.setEncoding('utf8').on('data', (text) => errors.push(text));
  await once(booking, 'close');
  assert.doesNotMatch(errors.join(''), /EPIPE|unexpected/);
  const script = '{ "$NODE" "$MAIN" -q --db-file "$FILE" tail -n 1000; echo "exit $?" >&2; } | head -n 1';
  const tail = spawnSync('sh', ['-c', script], {
    encoding: 'utf8',
    env: plainEnvironment({ NODE: process.execPath, MAIN: main, FILE: file }),
  });
  assert.match(tail.stdout, /^Time \(UTC\)/);
  assert.equal(tail.stderr, 'exit 0\n');
  assert.equal(JSON.parse(await on(file)('stats', '--json')).totals.calls, 1_000);
});

test('no colour reaches a pipe, whatever the terminal is called', async (t) => {
  const file = ledgerFile(t);
  await on(file)('track', '--model', 'm', '--cost', '1');
  const { stdout, stderr } = program(['--db-file', file, 'stats'], resolve(file, '..'), {
    TERM: 'xterm-256color',
  });
  assert.equal(stdout.includes('\u001b') || stderr.includes('\u001b'), false);
});

test('serve prints one line when ready, a call can be made, and SIGTERM ends it in order', async (t) => {
  const folder = resolve(ledgerFile(t), '..');
  const server = await serving(t, ['serve', '--demo', '--port', '0'], folder);
  assert.match(server.said(), /demo: answers are made here/);
  assert.match(server.said(), /nanocent tail --db-file .*demo\.sqlite/);
  const answer = await fetch(`${server.url}/demo/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}',
  });
  assert.equal(answer.status, 200);
  const { usage } = (await answer.json()) as { usage: { prompt_tokens: number } };
  const file = join(folder, 'nanocent/demo.sqlite');
  const [entry] = JSON.parse(await on(file)('tail', '--json')).entries;
  assert.deepEqual(
    [entry.provider, entry.promptTokens, entry.costSource],
    ['demo', usage.prompt_tokens, 'priced'],
  );
  assert.equal((await fetch(`${server.url}/-/llm-usage`)).status, 200);
  server.child.kill('SIGTERM');
  assert.deepEqual(await once(server.child, 'exit'), [0, null]);
  assert.equal(server.out(), `${server.url}\n`);
  assert.match(await on(file)('verify'), /^balanced: 1 usage row/);
});

test('serve without a key says what to do, and a busy port is named', async (t) => {
  const folder = resolve(ledgerFile(t), '..');
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  const { port } = other.address() as { port: number };
  const busy = program(['--db-file', 'a.sqlite', 'serve', '--port', String(port)], folder);
  assert.deepEqual([busy.status, busy.stdout], [6, '']);
  assert.match(busy.stderr, new RegExp(`port ${port} .*\\n {2}fix: .*--port`));

  const server = await serving(t, ['--db-file', 'a.sqlite', 'serve', '--port', '0'], folder);
  assert.match(server.said(), /no key for openai, anthropic: clients send theirs/);
  assert.match(server.said(), /OPENAI_API_KEY, ANTHROPIC_API_KEY/);
  server.child.kill('SIGINT');
  assert.deepEqual(await once(server.child, 'exit'), [0, null]);
});

test('wrong settings of serve are said before a ledger is made', (t) => {
  const folder = resolve(ledgerFile(t), '..');
  for (const [args, environment, named] of [
    [['--port', '70000'], {}, /--port/],
    [['--port', 'http'], {}, /--port/],
    [[], { OPENAI_BASE_URL: 'ftp://x' }, /OPENAI_BASE_URL/],
  ] as const) {
    const said = program(['--db-file', 'a.sqlite', 'serve', ...args], folder, environment);
    assert.equal(said.status, 2, said.stderr);
    assert.match(said.stderr, named);
    assert.equal(existsSync(join(folder, 'a.sqlite')), false);
  }
});

test('the completion scripts are accepted by the shells that are here', (t) => {
  const folder = resolve(ledgerFile(t), '..');
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { status, stdout } = program(['completions', shell], folder);
    assert.equal(status, 0);
    if (spawnSync(shell, ['-c', 'true']).status !== 0) continue;
    writeFileSync(join(folder, 'script'), stdout);
    const checked = spawnSync(shell, ['-n', join(folder, 'script')], { encoding: 'utf8' });
    assert.equal(checked.status, 0, `${shell}: ${checked.stderr}`);
  }
  if (spawnSync('bash', ['-c', 'true']).status !== 0) return;
  writeFileSync(join(folder, 'script'), program(['completions', 'bash'], folder).stdout);
  for (const [words, wanted] of [
    ['nanocent stats --by us', 'user'],
    ['nanocent limits li', 'list'],
    ['nanocent limits set --limit-ty', '--limit-type'],
    ['nanocent ta', 'tail'],
    ['nanocent --db-file x.sqlite ta', 'tail'],
    ['nanocent --db-backend sq', 'sqlite'],
    ['nanocent limits set --scope GL', 'GLOBAL'],
    ['nanocent track --prompt-t', '--prompt-tokens'],
    ['nanocent completions z', 'zsh'],
  ]) {
    const asked = `COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _nanocent`;
    const script = `source ./script; ${asked}; echo "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' });
    assert.equal(stdout.trim(), wanted, `${words}: ${stderr}`);
  }
});

interface Serving {
  readonly url: string;
  readonly child: ReturnType<typeof spawn>;
  out(): string;
  said(): string;
}

async function serving(t: TestContext, args: readonly string[], folder: string): Promise<Serving> {
  mkdirSync(join(folder, 'nanocent'), { recursive: true });
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    env: plainEnvironment({ XDG_DATA_HOME: folder }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  let out = '';
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  while (!out.includes('\n') || !said.includes('Ctrl-C')) {
    if (child.exitCode !== null) throw new Error(`serve ended: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return { url: out.trim(), child, out: () => out, said: () => said };
}
