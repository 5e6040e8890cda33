import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { widthOf } from '../../src/cli/text.ts';
import {
  claudeLine,
  codexCount,
  codexLine,
  codexUsage,
  openLogFolder,
} from '../../src/exchange/agents/fixtures/log-lines.ts';
import { nanocent, on } from './command-line.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const hour = 3_600_000;
const day = 24 * hour;

/**
 * Two projects, two agents, three days. A million: sonnet is $6 in (above 200,000) and $15 out, haiku $1 in, gpt-5 $1.25 in.
 */
function openHome(t: TestContext) {
  const home = mkdtempSync(join(tmpdir(), 'nanocent-agents-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const write = openLogFolder(home);
  const environment = { HOME: home, XDG_DATA_HOME: join(home, 'data'), XDG_CACHE_HOME: join(home, 'cache') };
  const ask = (args: readonly string[], columns?: number, more = {}) =>
    nanocent(['agents', '--zone', 'UTC', ...args], {
      environment: { ...environment, ...more },
      ...(columns === undefined ? {} : { columns }),
    });
  return { home, write, ask };
}

function writeLogs({ home, write }: Pick<ReturnType<typeof openHome>, 'home' | 'write'>): void {
  const call = (id: string, at: number, more = {}) =>
    claudeLine({
      session: 's1',
      id,
      request: id,
      at,
      cwd: join(home, 'shop'),
      counts: { input: 1_000_000, output: 0 },
      ...more,
    });
  const haiku = {
    model: 'claude-haiku-4-5-20251001',
    session: 's2',
    cwd: join(home, 'a-very-long-name-of-a-project/within'),
  };
  write('.claude/projects/shop/s1.jsonl', [
    call('a', noon - 2 * day),
    call('b', noon - day, { counts: { input: 0, output: 1_000_000 } }),
    call('b', noon - day, { counts: { input: 0, output: 1_000_000 } }),
    call('x', noon - day, { model: 'model-of-nobody' }),
    '{"output_tokens"',
  ]);
  write('.claude/projects/within/s2.jsonl', [
    call('c', noon, { ...haiku, ended: false }),
    call('a', noon - 2 * day, haiku),
  ]);
  const used = codexUsage(1_000_000, 0, 0);
  write('.codex/sessions/2026/11/20/rollout-1.jsonl', [
    codexLine(noon, 'session_meta', { id: 'c1', cwd: join(home, 'shop'), model_provider: 'openai' }),
    codexLine(noon, 'turn_context', { model: 'gpt-5' }),
    codexCount(noon, { total_token_usage: used, last_token_usage: used }),
  ]);
}

test('by day: rows, sum, and under it what has no price, how sure it is, and what was read', async (t) => {
  const { home, write, ask } = openHome(t);
  writeLogs({ home, write });
  const { code, out, err } = await ask([]);
  assert.deepEqual([code, err], [0, '']);
  assert.equal(
    out,
    `Coding agents by day, 2026-11-18 to 2026-11-20 (UTC)

Day         Agents              Models                              Calls      Input     Output  Cache write  Cache read     Tokens      Cost
─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
2026-11-18  Claude Code         claude-sonnet-4-5                       1  1,000,000          0            0           0  1,000,000     $6.00
2026-11-19  Claude Code         claude-sonnet-4-5, model-of-nobody      2  1,000,000  1,000,000            0           0  2,000,000  ≥ $15.00
2026-11-20  Codex, Claude Code  gpt-5, claude-haiku-4-5                 2  2,000,000          0            0           0  2,000,000     $2.25
─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
All                                                                     5  4,000,000  1,000,000            0           0  5,000,000  ≥ $23.25

1 call without a price, not in the cost:
  1 × model-of-nobody: no price is known for model-of-nobody
5 calls: 4 as the provider counted them, 1 whose end is not in the log, so perhaps too low
Passed over in all logs: 1 repeated line, 1 from copied sessions, 1 unreadable
Claude Code: 2 files in ~/.claude/projects
Codex: 1 file in ~/.codex/sessions
`,
  );
  assert.equal(existsSync(join(home, 'data')), false, 'no ledger is made');
});

test('weeks, months, sessions, fields, periods and agents', async (t) => {
  const { home, write, ask } = openHome(t);
  writeLogs({ home, write });
  const rows = async (...args: string[]) => {
    const { code, out, err } = await ask([...args, '--csv']);
    assert.deepEqual([code, err], [0, ''], args.join(' '));
    return out
      .trimEnd()
      .split('\r\n')
      .slice(1)
      .map((line) =>
        line
          .split(',')
          .filter((_, index) => [0, 1, 2, 10].includes(index))
          .join(' ')
          .replaceAll(home, '~'),
      );
  };
  assert.deepEqual(await rows('weekly'), ['2026-11-16  5 23.25']);
  assert.deepEqual(await rows('monthly', '--breakdown'), [
    '2026-11 claude-sonnet-4-5-20250929 2 21.00',
    '2026-11 gpt-5 1 1.25',
    '2026-11 claude-haiku-4-5-20251001 1 1.00',
    '2026-11 model-of-nobody 1 ',
  ]);
  assert.deepEqual(await rows('session'), ['s1  3 21.00', 'c1  1 1.25', 's2  1 1.00']);
  assert.deepEqual(await rows('--by', 'agent'), ['claude-code  4 22.00', 'codex  1 1.25']);
  assert.deepEqual(await rows('--by', 'project'), [
    '~/shop  4 22.25',
    '~/a-very-long-name-of-a-project/within  1 1.00',
  ]);
  assert.deepEqual(await rows('daily', '--by', 'agent', '--since', '2026-11-19', '--until', '2026-11-19'), [
    '2026-11-19 claude-code 2 15.00',
  ]);
  assert.deepEqual(await rows('--agent', 'codex'), ['2026-11-20  1 1.25']);
  assert.deepEqual(await rows('--agent', 'codex', '--until', '2026-11-20T12:00:00Z'), []);
  assert.deepEqual(await rows('--agent', 'codex', '--until', '2026-11-20T12:00:00.001Z'), [
    '2026-11-20  1 1.25',
  ]);
});

test('the JSON has exact money, what was passed over, and the same sums', async (t) => {
  const { home, write, ask } = openHome(t);
  writeLogs({ home, write });
  const { out } = await ask(['--by', 'model', '--json', '--heatmap']);
  const document = JSON.parse(out);
  assert.equal(document.schema, 'nanocent.agents/1');
  assert.deepEqual(document.totals, {
    calls: 5,
    usage: { input: 4_000_000, cacheRead: 0, cacheWrite: 0, output: 1_000_000, reasoning: 0 },
    totalTokens: 5_000_000,
    nanocents: '2325000000000',
    usd: '23.25',
    unpricedCalls: 1,
    confidence: { exact: 4, partial: 1, heuristic: 0 },
    firstAt: '2026-11-18T12:00:00.000Z',
    lastAt: '2026-11-20T12:00:00.000Z',
  });
  assert.deepEqual(
    document.rows.map((row: { key: string; usd: string | null }) => [row.key, row.usd]),
    [
      ['claude-sonnet-4-5-20250929', '21.00'],
      ['gpt-5', '1.25'],
      ['claude-haiku-4-5-20251001', '1.00'],
      ['model-of-nobody', null],
    ],
  );
  assert.equal(document.logs.passedOver.malformed, 1);
  assert.equal(document.days.length, 3);
});

test('every report fits 60, 80, 120 and 200 columns, and colours change nothing but colours', async (t) => {
  const { home, write, ask } = openHome(t);
  writeLogs({ home, write });
  const reports = [
    [],
    ['weekly', '--breakdown'],
    ['session'],
    ['blocks'],
    ['--by', 'project', '--breakdown'],
    ['--heatmap'],
  ];
  for (const args of reports) {
    for (const columns of [60, 80, 120, 200]) {
      const { out } = await ask(args, columns);
      const plain = await ask(args, columns, { NO_COLOR: '1' });
      assert.ok(out.includes('\u001b[1m'));
      assert.equal(stripVTControlCharacters(out), plain.out);
      for (const line of plain.out.split('\n')) {
        assert.ok(widthOf(line) <= columns, `${args.join(' ')} at ${columns}: ${line}`);
      }
    }
  }
});

test('a running block has a pace and leads somewhere; one that has ended does not', async (t) => {
  const { write, ask } = openHome(t);
  const now = Date.now();
  const start = Math.floor(now / hour) * hour;
  // Five minutes before now and still in this hour's block, or on its first instant.
  const at = Math.max(start, now - 300_000);
  const counts = { input: 600_000, output: 0 };
  write('.claude/projects/p/s1.jsonl', [
    claudeLine({ session: 's1', id: 'old', request: 'old', at: start - 30 * hour, counts }),
    claudeLine({ session: 's1', id: 'new', request: 'new', at, counts }),
  ]);
  const { rows } = JSON.parse((await ask(['blocks', '--json'])).out);
  const [ended, running] = rows;
  assert.deepEqual(
    [ended.block.isActive, ended.block.projected, ended.block.remainingSeconds],
    [false, null, 0],
  );
  assert.deepEqual(
    [running.start, running.end],
    [new Date(start).toISOString(), new Date(start + 5 * hour).toISOString()],
  );
  assert.equal(running.block.isActive, true);
  assert.ok(running.block.tokensPerMinute > 0 && running.block.tokensPerMinute <= 600_000);
  assert.ok(BigInt(running.block.projected.nanocents) >= BigInt(running.nanocents));
  assert.match(
    (await ask(['blocks'])).out,
    /Claude Code now: [\d,]+ tokens a minute, \$[\d,.]+ an hour; .* at its end in/,
  );
});

test('a budget line where the ledger has a cost limit, and only there', async (t) => {
  const { home, write, ask } = openHome(t);
  const at = Date.now() - 1_000;
  write('.claude/projects/p/s1.jsonl', [
    claudeLine({ session: 's1', at, counts: { input: 1_000_000, output: 0 } }),
  ]);
  const file = join(home, 'books.sqlite');
  const ledger = on(file);
  await ledger(
    'limits',
    'set',
    '--scope',
    'GLOBAL',
    '--limit-type',
    'cost',
    '--max-value',
    '12',
    '--interval-unit',
    'lifetime',
  );
  await ledger(
    'limits',
    'set',
    '--scope',
    'USER',
    '--username',
    'u1',
    '--limit-type',
    'cost',
    '--max-value',
    '1',
    '--interval-unit',
    'day',
  );
  await ledger('track', '--model', 'm', '--cost', '0.5');
  const { out, code } = await ask(['--db-file', file]);
  assert.equal(code, 0);
  const budgets = out.split('\n').filter((line) => line.startsWith('Budget'));
  assert.deepEqual(budgets, [
    'Budget $12.00 over its lifetime: the logs show $6.00 (50.0%); booked in the ledger $0.50',
  ]);
  const { budgets: documents } = JSON.parse((await ask(['--db-file', file, '--json'])).out);
  assert.deepEqual([documents.length, documents[0].logged.usd, documents[0].used], [1, '6.00', '0.50']);
});

test('a budget of a project, a model or an agent is held against its own calls', async (t) => {
  const { home, write, ask } = openHome(t);
  const at = Date.now() - 1_000;
  const counts = { input: 1_000_000, output: 0 };
  write('.claude/projects/p/s1.jsonl', [
    claudeLine({ session: 's1', at, id: 'a', request: 'a', cwd: '/projects/shop', counts }),
    claudeLine({ session: 's1', at, id: 'b', request: 'b', cwd: '/projects/other', counts }),
    claudeLine({
      session: 's1',
      at,
      id: 'c',
      request: 'c',
      cwd: '/projects/other',
      model: 'claude-haiku-4-5-20251001',
      counts,
    }),
  ]);
  const file = join(home, 'books.sqlite');
  const set = (scope: string, ...selector: string[]) =>
    on(file)(
      'limits',
      'set',
      '--scope',
      scope,
      ...selector,
      '--limit-type',
      'cost',
      '--max-value',
      '20',
      '--interval-unit',
      'lifetime',
    );
  await set('PROJECT', '--project', '/projects/shop');
  await set('PROJECT', '--project', '/projects/none');
  await set('MODEL', '--model', 'claude-haiku-4-5-20251001');
  await set('CALLER', '--caller-name', 'claude-code');
  await set('CALLER', '--caller-name', 'codex');
  const budgets = (await ask(['--db-file', file], 200)).out
    .split('\n')
    .filter((line) => line.startsWith('Budget'));
  assert.deepEqual(
    budgets.map((line) => line.replace(/^Budget \$20.00 over its lifetime |; booked.*/g, '')).sort(),
    [
      '(caller claude-code): the logs show $13.00 (65.0%)',
      '(caller codex): the logs show $0.00 (0.0%)',
      '(model claude-haiku-4-5-20251001): the logs show $1.00 (5.0%)',
      '(project /projects/none): the logs show $0.00 (0.0%)',
      '(project /projects/shop): the logs show $6.00 (30.0%)',
    ],
  );
});

test('nothing found: where it was looked, and what to try; nothing in the period: how much there is', async (t) => {
  const { home, write, ask } = openHome(t);
  const { code, out } = await ask([], 80);
  assert.equal(code, 0);
  assert.match(out, /no logs of coding agents found/);
  for (const place of [
    '~/.claude/projects',
    '~/.codex/sessions',
    '~/.gemini/tmp',
    '/data/opencode/storage/message',
  ]) {
    assert.ok(out.includes(place), place);
  }
  assert.match(out, /nanocent serve --demo/);
  assert.deepEqual(JSON.parse((await ask(['--json'])).out).rows, []);
  writeLogs({ home, write });
  assert.equal((await ask(['--since', '2026-11-21'])).out, 'no calls in this period; 5 calls in all logs\n');
});

for (const [args, message] of [
  [['dayly'], /no report dayly[\s\S]*did you mean daily/],
  [['--by', 'user'], /--by/],
  [['--zone', 'Mars/Olympus'], /Mars\/Olympus/],
  [['--since', 'soon'], /--since/],
  [['--since', '2026-11-20', '--until', '2026-11-19'], /--until 2026-11-19 is not after --since 2026-11-20/],
] as const) {
  test(`agents ${args.join(' ')} is refused`, async (t) => {
    const { home } = openHome(t);
    const { code, err } = await nanocent(['agents', ...args], { environment: { HOME: home } });
    assert.equal(code, 2);
    assert.match(err, message);
  });
}
