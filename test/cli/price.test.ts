import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { ledgerFile, nanocent } from './command-line.ts';

test('a prompt is counted here: exact for OpenAI, an estimate for others', async () => {
  const price = (...args: string[]) =>
    nanocent(['price', '--prompt-file', '-', '--output', '500', '--json', ...args], {
      input: 'Hello, world!',
    });
  const said = await price('--model', 'gpt-4o-mini');
  assert.match(said.err, /--prompt-file: 4 tokens \(o200k_base\)/);
  const document = JSON.parse(said.out);
  assert.deepEqual(document.counted, { tokens: 4, encoding: 'o200k_base', isEstimate: false });
  assert.equal(document.nanocents, '30060000');
  const claude = await price('--model', 'claude-sonnet-4-5');
  assert.match(
    claude.err,
    /4 tokens \(an estimate: claude-sonnet-4-5 has a tokenizer of its own, this is o200k_base\)/,
  );
  const both = await price('--model', 'gpt-4o-mini', '--input', '3');
  assert.deepEqual([both.code, both.out], [2, '']);
  assert.match(both.err, /--input and --prompt-file both say/);
  const missing = await nanocent(['price', '--model', 'gpt-4o', '--prompt-file', '/dev/null/x']);
  assert.equal(missing.code, 2);
});

test('track counts texts beside the provider’s counts, and explain shows the difference', async (t) => {
  const ledger = ledgerFile(t);
  const answer = join(dirname(ledger), 'answer.txt');
  writeFileSync(answer, 'Hello, world!');
  const tracked = await nanocent(
    [
      ...[
        '--db-file',
        ledger,
        'track',
        '--model',
        'gpt-4o',
        '--prompt-tokens',
        '11',
        '--completion-tokens',
        '4',
      ],
      ...['--count-prompt', '-', '--count-completion', answer, '--json'],
    ],
    { input: 'Hello, world!' },
  );
  const entry = JSON.parse(tracked.out);
  assert.deepEqual(
    [entry.promptTokens, entry.localPromptTokens, entry.localCompletionTokens, entry.localTotalTokens],
    [11, 4, 4, 8],
  );
  const explained = (await nanocent(['--db-file', ledger, 'explain', 'last'])).out;
  assert.match(explained, /Prompt {6}11; 4 counted here \(−7\)/);
  assert.match(explained, /Completion {2}4; 4 counted here \(the same\)/);
  assert.match(explained, /Total {7}15; 8 counted here \(−7\)/);
  const twice = await nanocent([
    ...['--db-file', ledger, 'track', '--model', 'gpt-4o', '--count-prompt', answer],
    ...['--local-prompt-tokens', '4'],
  ]);
  assert.match(twice.err, /--count-prompt and --local-prompt-tokens both give this count/);
});

test('the worst case of a request: its bytes, its bound, its choices; or why there is none', async () => {
  const worst = async (body: object, ...args: string[]) => {
    const input = JSON.stringify(body);
    const said = await nanocent(['price', '--worst', '--body', '-', '--json', ...args], { input });
    assert.equal(said.code, 0, said.err);
    return { bytes: input.length, ...JSON.parse(said.out) };
  };
  const body = {
    model: 'gpt-4o-mini',
    messages: [{ role: 'user', content: 'Hello' }],
    max_tokens: 100,
    n: 2,
  };
  const bounded = await worst(body);
  assert.deepEqual(
    [bounded.schema, bounded.outcome, bounded.bounds, bounded.nanocents, bounded.reason],
    [
      'nanocent.worstCase/1',
      'bounded',
      { inputTokensMax: bounded.bytes, outputTokensMax: 100, choices: 2 },
      String(bounded.bytes * 15_000 + 200 * 60_000),
      null,
    ],
  );
  const { max_tokens: _, ...open } = body;
  const unbounded = await worst(open);
  assert.deepEqual(
    [unbounded.outcome, unbounded.nanocents, unbounded.heldNanocents],
    ['unbounded', null, '50000000000'],
  );
  assert.match(unbounded.reason, /neither the request nor the model bounds the output/);
  assert.equal(
    (await worst(open, '--max-output', '100')).nanocents,
    String(Number(unbounded.bytes) * 15_000 + 12_000_000),
  );
  const person = await nanocent(['price', '--worst', '--body', '-'], { input: JSON.stringify(body) });
  assert.match(
    person.out,
    /gpt-4o-mini at openai\nInput tokens {3}at most 9\d\nOutput tokens {2}at most 100, 2 times\nWorst case {5}\$0\.0001\d+/,
  );
  const wrong = await nanocent(['price', '--worst', '--body', '-'], { input: '[]' });
  assert.deepEqual([wrong.code, wrong.out], [2, '']);
  assert.equal((await nanocent(['price', '--worst'])).code, 2);
});

test('the same usage at several models; what one cannot price is said, not zero', async () => {
  const price = (...args: string[]) =>
    nanocent([
      'price',
      '--model',
      'gpt-4o',
      '--model',
      'gpt-4o-mini',
      '--input',
      '1000',
      '--output',
      '500',
      ...args,
    ]);
  const said = await price();
  assert.equal(
    said.out,
    `Model        Provider    Amount  Of the first
─────────────────────────────────────────────
gpt-4o       openai    $0.0075         100.0%
gpt-4o-mini  openai    $0.00045          6.0%
`,
  );
  const document = JSON.parse((await price('--json')).out);
  assert.deepEqual(
    document.prices.map((one: { nanocents: string }) => one.nanocents),
    ['750000000', '45000000'],
  );
  const fast = JSON.parse((await price('--tier', 'fast', '--json')).out).prices[0];
  assert.equal(fast.nanocents, null);
  assert.match(fast.unpriced, /no price for service tier fast/);
  assert.equal((await price('--model', 'no-such')).code, 3);
});
