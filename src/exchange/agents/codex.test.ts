import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { codexCount, codexLine, codexUsage } from './fixtures/log-lines.ts';
import { noon, openHome, read } from './fixtures/open-home.ts';

const day = '.codex/sessions/2026/11/20';
const meta = (id: string) =>
  codexLine(noon, 'session_meta', { id, cwd: '/projects/shop', model_provider: 'openai' });
const turn = (model?: string) => codexLine(noon, 'turn_context', { cwd: '/projects/shop', model });

test('Codex: the last call where it is given, else what the total grew by, from zero after a reset', async (t) => {
  const { home, write } = openHome(t);
  const first = codexUsage(1_000, 200, 50, 20);
  const second = codexUsage(1_500, 900, 80);
  const total = codexUsage(2_500, 1_100, 130, 20);
  write(`${day}/rollout-1.jsonl`, [
    meta('s1'),
    turn('gpt-5.1-codex'),
    codexCount(noon, null),
    codexCount(noon + 1, { total_token_usage: first, last_token_usage: first }),
    codexCount(noon + 2, { total_token_usage: first, last_token_usage: first }),
    codexCount(noon + 3, { total_token_usage: total, last_token_usage: second }),
    codexCount(noon + 4, { total_token_usage: codexUsage(3_000, 1_300, 150, 20) }),
    codexCount(noon + 5, { total_token_usage: codexUsage(70, 10, 9, 2) }),
    codexCount(noon + 6, { last_token_usage: codexUsage(5, 6, 1) }),
  ]);
  const { logs, messages } = await read(home);
  assert.deepEqual(
    messages.map(
      ({ usage, confidence }) =>
        `${usage.input}+${usage.cacheRead} ${usage.output} (${usage.reasoning}) ${confidence}`,
    ),
    [
      '800+200 50 (20) exact',
      '600+900 80 (0) exact',
      '300+200 20 (0) heuristic',
      '60+10 9 (2) heuristic',
      'null+null null (null) exact',
    ],
  );
  assert.equal(logs.skipped.repeated, 1);
});

test('Codex: forks and archives once, an unnamed model assumed, the tier as configured', async (t) => {
  const { home, write } = openHome(t);
  const used = (at: number, input: number) =>
    codexCount(at, {
      total_token_usage: codexUsage(input, 0, 10),
      last_token_usage: codexUsage(input, 0, 10),
    });
  write(`${day}/rollout-1.jsonl`, [meta('s1'), turn('gpt-5.1'), used(noon + 1, 100), used(noon + 2, 200)]);
  write(`${day}/rollout-2.jsonl`, [
    meta('s2'),
    meta('s1'),
    turn('gpt-5.1'),
    used(noon + 1, 100),
    used(noon + 9, 300),
  ]);
  write('.codex/archived_sessions/2026/11/20/rollout-1.jsonl', [
    meta('s1'),
    turn('gpt-5.1'),
    used(noon + 1, 100),
  ]);
  write('.codex/archived_sessions/2026/11/20/rollout-3.jsonl', [meta('s3'), used(noon + 4, 400)]);
  const { messages } = await read(home);
  assert.deepEqual(
    messages.map(
      ({ usage, sessionId, model, modelAssumed, confidence }) =>
        `${usage.input} ${sessionId} ${model} ${modelAssumed} ${confidence}`,
    ),
    [
      '100 s1 gpt-5.1 false heuristic',
      '200 s1 gpt-5.1 false exact',
      '400 s3 gpt-5 true heuristic',
      '300 s2 gpt-5.1 false exact',
    ],
  );
  write(
    '.codex/config.toml',
    '# service_tier = "flex"\nservice_tier = "fast"\n[profiles.a]\nservice_tier = "flex"\n',
  );
  const { messages: fast } = await read(home);
  assert.deepEqual(
    fast.map(({ terms, confidence }) => `${terms.tier} ${confidence}`),
    Array(4).fill('priority heuristic'),
  );
});

test('Codex: a saved `exec --json` counts a running total by turn, at the time of its file', async (t) => {
  const { home, write } = openHome(t);
  const done = (input: number, output: number) =>
    JSON.stringify({
      type: 'turn.completed',
      usage: { input_tokens: input, cached_input_tokens: 0, output_tokens: output },
    });
  const file = write(`${day}/exec.jsonl`, [
    JSON.stringify({ type: 'thread.started', thread_id: 't1' }),
    done(100, 5),
    done(100, 5),
    done(250, 9),
  ]);
  const { messages } = await read(home);
  assert.deepEqual(
    messages.map(
      ({ usage, at, sessionId, confidence }) =>
        `${usage.input} ${usage.output} ${at} ${sessionId} ${confidence}`,
    ),
    [`100 5 ${statSync(file).mtimeMs} t1 heuristic`, `150 4 ${statSync(file).mtimeMs} t1 heuristic`],
  );
});
