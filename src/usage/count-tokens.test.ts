import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NanocentError } from '../errors/error.ts';
import { countTokens } from './count-tokens.ts';

// The Japanese birthday wish and its counts are those of OpenAI's cookbook, “How to count tokens with tiktoken”.
test('texts of OpenAI’s models, by the encoding of each', async () => {
  const cases: readonly [string, string, number, string, boolean][] = [
    ['gpt-4o', '', 0, 'o200k_base', false],
    ['gpt-4o', 'Hello, world!', 4, 'o200k_base', false],
    ['gpt-4o-mini-2024-07-18', 'Hello, world!', 4, 'o200k_base', false],
    ['openai/gpt-4.1', 'Hello, world!', 4, 'o200k_base', false],
    ['ft:gpt-4o:org', 'Hello, world!', 4, 'o200k_base', false],
    ['o3', 'Hello, world!', 4, 'o200k_base', false],
    ['gpt-4', 'お誕生日おめでとう', 9, 'cl100k_base', false],
    ['gpt-4-turbo', 'お誕生日おめでとう', 9, 'cl100k_base', false],
    ['gpt-4o', 'お誕生日おめでとう', 8, 'o200k_base', false],
    ['text-embedding-3-small', 'Hello, world!', 4, 'cl100k_base', false],
    ['claude-sonnet-4-5', 'Hello, world!', 4, 'o200k_base', true],
    ['gemini-2.5-pro', 'Hello, world!', 4, 'o200k_base', true],
    ['gpt-99', 'Hello, world!', 4, 'o200k_base', true],
    ['gpt-4xl', 'Hello, world!', 4, 'o200k_base', true],
  ];
  for (const [model, text, tokens, encoding, isEstimate] of cases) {
    assert.deepEqual(await countTokens(text, { model }), { tokens, encoding, isEstimate }, model);
  }
});

test('control words inside a text are text, not control', async () => {
  assert.ok((await countTokens('<|endoftext|>', { model: 'gpt-4o' })).tokens > 1);
});

test('an unbroken run is counted in pieces, and then said to be an estimate', async () => {
  const started = performance.now();
  const long = await countTokens('a'.repeat(100_000), { model: 'gpt-4o' });
  assert.deepEqual(long, { tokens: 12_500, encoding: 'o200k_base', isEstimate: true });
  assert.ok(performance.now() - started < 10_000, 'without the cut it takes half a minute');
  const pairs = await countTokens('😀'.repeat(5_000), { model: 'gpt-4o' });
  assert.equal(pairs.isEstimate, true);
  const words = 'hello world '.repeat(20_000);
  assert.deepEqual(await countTokens(words, { model: 'gpt-4o' }), {
    tokens: 40_001,
    encoding: 'o200k_base',
    isEstimate: false,
  });
});

test('a text beyond any prompt is refused', async () => {
  await assert.rejects(
    countTokens('a'.repeat(16_000_001), { model: 'gpt-4o' }),
    (error) => NanocentError.is(error) && error.code === 'field_invalid',
  );
});
