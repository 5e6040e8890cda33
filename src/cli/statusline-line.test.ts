import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStatusline } from './statusline-input.ts';
import { type StatuslineView, statusline } from './statusline-line.ts';
import { plainStyle, styleFor } from './style.ts';
import { widthOf } from './text.ts';

const now = Date.parse('2026-03-01T10:15:00Z');
const usd = 100_000_000_000n;

const input = parseStatusline(
  JSON.stringify({
    session_id: 's1',
    model: { id: 'claude-opus-4-5', display_name: 'Opus 4.5' },
    workspace: { current_dir: '/repo/src', project_dir: '/repo' },
    cost: { total_cost_usd: 0.2345, total_duration_ms: 1 },
    context_window: { total_input_tokens: 25_000, total_output_tokens: 100, context_window_size: 200_000 },
    exceeds_200k_tokens: false,
  }),
)!;

const view: StatuslineView = {
  input,
  spending: {
    session: null,
    today: usd + usd / 4n,
    unpriced: 0,
    block: {
      start: now - 2 * 3_600_000 - 15 * 60_000,
      end: now + 2 * 3_600_000 + 45 * 60_000,
      firstAt: now - 2 * 3_600_000,
      nanocents: usd / 2n,
      unpriced: 0,
    },
  },
  budget: { left: 3n * usd, max: 20n * usd },
  now,
};

const whole =
  'Opus 4.5 · $0.23 session · $1.25 today · $0.50 block, 2h 45m left · $0.25/h · $3.00 of $20.00 left · context 13%';

test('one line of everything that is known', () => {
  assert.equal(statusline(view, plainStyle, Number.POSITIVE_INFINITY), whole);
});

test('what is not known is left out, not shown as zero', () => {
  const bare = { ...input, sessionNanocents: null, contextPercent: null };
  const without = { ...view, input: bare, spending: null, budget: null };
  assert.equal(statusline(without, plainStyle, 200), 'Opus 4.5');
  const unpriced = { ...view.spending!, unpriced: 2, block: null };
  assert.match(statusline({ ...view, spending: unpriced }, plainStyle, 200), / \$1\.25\+ today · \$3\.00/);
  const tiny = { ...view.spending!, today: 1n, block: null };
  assert.match(statusline({ ...view, spending: tiny }, plainStyle, 200), / <\$0\.01 today /);
  const none = { ...view.spending!, today: 0n, block: null };
  assert.match(statusline({ ...view, spending: none }, plainStyle, 200), / \$0\.00 today /);
});

test('any width is kept: the least important parts go first', () => {
  const seen = new Set<string>();
  for (let width = whole.length; width > 0; width -= 1) {
    const line = statusline(view, plainStyle, width);
    assert.ok(widthOf(line) <= width, `${width}: ${line}`);
    seen.add(line);
  }
  for (const line of [
    whole,
    'Opus 4.5 · $0.23 session · $1.25 today · $0.50 block, 2h 45m left · $3.00 of $20.00 left · context 13%',
    'Opus 4.5 · $0.23 session · $1.25 today · $3.00 of $20.00 left',
    'Opus 4.5 · $0.23 session',
    'Opus 4.5',
    'Opus…',
  ]) {
    assert.ok(seen.has(line), line);
  }
});

test('colours only without NO_COLOR', () => {
  const coloured = statusline(view, styleFor({ environment: {} }, true, false), 200);
  assert.ok(coloured.includes('\u001b[1mOpus 4.5\u001b[22m'));
  assert.equal(statusline(view, styleFor({ environment: { NO_COLOR: '1' } }, true, false), 200), whole);
});

test('a model name cannot do anything to the terminal', () => {
  const evil = { ...input, modelName: 'a\u001b[2Jb\nc' };
  const line = statusline({ ...view, input: evil, spending: null, budget: null }, plainStyle, 200);
  assert.equal(line, 'a\\x1b[2Jb\\nc · $0.23 session · context 13%');
});

test('what Claude Code says is read in every form, and nothing else is', () => {
  for (const text of ['', '{', '[]', 'null', '"text"', '7', 'undefined', '{"a":1}x']) {
    assert.equal(parseStatusline(text), null, text);
  }
  const nothing = {
    sessionId: null,
    modelId: null,
    modelName: null,
    folder: null,
    sessionNanocents: null,
    contextPercent: null,
  };
  for (const odd of [
    {},
    { model: 'x', cost: null, context_window: 7 },
    { cost: { total_cost_usd: '1' } },
    { cost: { total_cost_usd: -1 } },
  ]) {
    assert.deepEqual(parseStatusline(JSON.stringify(odd)), nothing, JSON.stringify(odd));
  }
  const contexts: [window: object, percent: number | null][] = [
    [{ used_percentage: 41.6 }, 42],
    [{ context_window_size: 1000, current_usage: { input_tokens: 100, cache_read_input_tokens: 150 } }, 25],
    [{ context_window_size: 1000, total_input_tokens: 500 }, 50],
    [{ context_window_size: 0, total_input_tokens: 500 }, null],
    [{ total_input_tokens: 500 }, null],
  ];
  for (const [context_window, percent] of contexts) {
    assert.equal(parseStatusline(JSON.stringify({ context_window }))!.contextPercent, percent);
  }
  assert.equal(parseStatusline('{"cost":{"total_cost_usd":0.1}}')!.sessionNanocents, usd / 10n);
});
