import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { claudeLine } from '../exchange/records.ts';
import { ledgerFile, nanocent, on } from './command-line.ts';

const status = {
  session_id: 's1',
  cwd: '/repo',
  model: { id: 'claude-sonnet-4-5-20250929', display_name: 'Sonnet 4.5' },
  workspace: { current_dir: '/repo', project_dir: '/repo' },
  cost: { total_cost_usd: 0.5 },
  context_window: { total_input_tokens: 20_000, context_window_size: 200_000 },
};

function place(t: TestContext) {
  const ledger = ledgerFile(t);
  const folder = dirname(ledger);
  const projects = join(folder, '.claude', 'projects', '-repo');
  mkdirSync(projects, { recursive: true });
  const environment = { HOME: folder, XDG_DATA_HOME: join(folder, 'data'), NO_COLOR: '1', USER: 'ann' };
  const line = async (input: string | object, more: readonly string[] = []) => {
    const text = typeof input === 'string' ? input : JSON.stringify(input);
    const said = await nanocent(['--db-file', ledger, 'statusline', ...more], { environment, input: text });
    assert.equal(said.code, 0);
    assert.equal(said.err, '');
    assert.match(said.out, /^[^\n]+\n$/);
    return said.out.trimEnd();
  };
  return { ledger, folder, projects, environment, line };
}

/** A minute ago, and therefore in the block that is running; not across midnight. */
const recently = () => new Date(Date.now() - 60_000).toISOString();

test('session, today, block, budget and context, from the logs and the ledger', async (t) => {
  const at = place(t);
  const log = (id: string, when: string) => `${JSON.stringify(claudeLine({ id, at: when }))}\n`;
  // 1,000 in and 500 out are $0.0105; the other session counts for today, the old one for nothing.
  writeFileSync(
    join(at.projects, 's1.jsonl'),
    log('msg_01AbCdEfGhIjKlMnOpQrSt01', recently()) +
      log('msg_01AbCdEfGhIjKlMnOpQrSt02', '2026-01-01T00:00:00Z'),
  );
  const without = await at.line(status);
  assert.match(
    without,
    /^Sonnet 4\.5 · \$0\.50 session · \$0\.0[01] today · .*\$0\.01 block, \dh \d\dm left.* · context 10%$/,
  );
  assert.ok(!without.includes(' of '), 'no ledger, no budget');
  await on(at.ledger)(
    'limits',
    'set',
    '--scope',
    'GLOBAL',
    '--limit-type',
    'cost',
    '--max-value',
    '20',
    '--interval-unit',
    'monthly',
  );
  await on(at.ledger)(
    'limits',
    'set',
    '--scope',
    'USER',
    '--username',
    'ann',
    '--limit-type',
    'cost',
    '--max-value',
    '5',
    '--interval-unit',
    'lifetime',
  );
  await on(at.ledger)(
    'limits',
    'set',
    '--scope',
    'USER',
    '--username',
    'bob',
    '--limit-type',
    'cost',
    '--max-value',
    '1',
    '--interval-unit',
    'lifetime',
  );
  await on(at.ledger)('track', '--model', 'm', '--cost', '2', '--username', 'ann');
  assert.match(await at.line(status), / · \$3\.00 of \$5\.00 left · /);
});

test('its own sum of the session where Claude Code gives none', async (t) => {
  const at = place(t);
  writeFileSync(
    join(at.projects, 's1.jsonl'),
    `${JSON.stringify(claudeLine({ id: 'msg_1', at: '2026-01-01T00:00:00Z', input: 100_000 }))}\n`,
  );
  const { cost, ...rest } = status;
  assert.match(await at.line(rest), /^Sonnet 4\.5 · \$0\.31 session · \$0\.00 today/);
});

test('whatever comes in, one line goes out and the exit code is 0', async (t) => {
  const at = place(t);
  writeFileSync(at.ledger, 'this is no ledger');
  for (const input of ['', '{', '[]', 'null', 'x'.repeat(2_000_000), '\u0000', '{"model":7}', '{}']) {
    const line = await at.line(input);
    const expected =
      input.startsWith('{"') || input === '{}' ? /^no model/ : /^nanocent: no status came from Claude Code$/;
    assert.match(line, expected);
  }
});

test('on a terminal it says how to set it up', async () => {
  const { code, out, err } = await nanocent(['statusline'], { columns: 80 });
  assert.equal(code, 0);
  assert.match(out, /reads what Claude Code says/);
  assert.match(err, /"statusLine": \{ "type": "command", "command": "nanocent statusline" \}/);
});

test('as a process: colours although nobody looks at a terminal, none with NO_COLOR, no ledger made', (t) => {
  const at = place(t);
  const main = resolve(import.meta.dirname, '../../src/cli/main.ts');
  const { NO_COLOR, ...coloured } = at.environment;
  const line = (environment: Record<string, string>) => {
    const { PATH = '' } = process.env;
    const said = spawnSync(process.execPath, [main, 'statusline'], {
      input: JSON.stringify(status),
      encoding: 'utf8',
      cwd: at.folder,
      env: { PATH, ...environment },
    });
    assert.equal(said.status, 0);
    assert.equal(said.stderr, '');
    return said.stdout;
  };
  assert.equal(line({ ...coloured, NO_COLOR }), 'Sonnet 4.5 · $0.50 session · $0.00 today · context 10%\n');
  assert.ok(line(coloured).includes('\u001b[32mcontext 10%\u001b[39m'));
});
