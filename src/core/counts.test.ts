import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NanocentError } from '../errors/error.ts';
import { countMax } from '../usage/usage.ts';
import { type CountsInput, parseCounts } from './counts.ts';

test('counts as given become disjoint kinds', () => {
  const rows: [CountsInput, Partial<ReturnType<typeof parseCounts>['usage']>, number | null][] = [
    [
      { promptTokens: 100, completionTokens: 50, totalTokens: 150 },
      { input: 100, cacheRead: 0, output: 50 },
      null,
    ],
    [
      { promptTokens: 100, completionTokens: 50, cachedTokens: 20 },
      { input: 80, cacheRead: 20, output: 50 },
      null,
    ],
    [{ promptTokens: 100, cachedTokens: 100 }, { input: 0, cacheRead: 100, output: null }, null],
    [
      {
        promptTokens: 100,
        cachedTokens: 10,
        cacheWrite5mTokens: 20,
        cacheWrite1hTokens: 30,
        cacheWriteTokens: 40,
      },
      { input: 0, cacheRead: 10, cacheWrite5m: 20, cacheWrite1h: 30, cacheWrite: 40 },
      null,
    ],
    [{ promptTokens: 100, totalTokens: 150 }, { input: 100, output: 50 }, null],
    [{ completionTokens: 50, totalTokens: 150 }, { input: 100, output: 50 }, null],
    [{ totalTokens: 150 }, { input: null, cacheRead: null, output: null }, 150],
    [{ completionTokens: 50, reasoningTokens: 50 }, { output: 50, reasoning: 50 }, null],
    [{ promptTokens: 0, completionTokens: 0 }, { input: 0, output: 0 }, null],
    [{ promptTokens: countMax }, { input: countMax }, null],
    [{}, { input: null, cacheRead: null, output: null, reasoning: null }, null],
  ];
  for (const [input, usage, total] of rows) {
    const counts = parseCounts(input);
    assert.partialDeepStrictEqual(counts.usage, usage, JSON.stringify(input));
    assert.equal(counts.totalTokens, total, JSON.stringify(input));
  }
});

test('local counts stand beside the provider’s and get their own total', () => {
  const counts = parseCounts({ promptTokens: 100, localPromptTokens: 95, localCompletionTokens: 48 });
  assert.deepEqual(
    [counts.localPromptTokens, counts.localCompletionTokens, counts.localTotalTokens],
    [95, 48, 143],
  );
});

test('a count that is none is refused by its name', () => {
  const fields = ['promptTokens', 'completionTokens', 'totalTokens', 'cachedTokens', 'toolCalls'] as const;
  for (const field of fields) {
    for (const value of [
      -1,
      0.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      countMax + 1,
      '10' as unknown as number,
    ]) {
      assert.throws(
        () => parseCounts({ promptTokens: 1000, completionTokens: 1000, [field]: value }),
        (error) => NanocentError.is(error) && error.code === 'usage_invalid' && error.field === field,
        `${field} ${String(value)}`,
      );
    }
  }
});

test('counts that contradict each other are refused by the field at fault', () => {
  const rows: [CountsInput, string][] = [
    [{ promptTokens: 100, completionTokens: 50, totalTokens: 149 }, 'totalTokens'],
    [{ promptTokens: 100, completionTokens: 50, totalTokens: 151 }, 'totalTokens'],
    [{ promptTokens: 100, totalTokens: 99 }, 'totalTokens'],
    [{ promptTokens: 100, cachedTokens: 101 }, 'cachedTokens'],
    [{ cachedTokens: 1 }, 'cachedTokens'],
    [{ promptTokens: 10, cachedTokens: 6, cacheWriteTokens: 5 }, 'cachedTokens'],
    [{ completionTokens: 10, reasoningTokens: 11 }, 'reasoningTokens'],
    [{ reasoningTokens: 1 }, 'reasoningTokens'],
    [{ localPromptTokens: 1, localCompletionTokens: 1, localTotalTokens: 3 }, 'localTotalTokens'],
  ];
  for (const [input, field] of rows) {
    assert.throws(
      () => parseCounts(input),
      (error) => NanocentError.is(error) && error.code === 'usage_inconsistent' && error.field === field,
      JSON.stringify(input),
    );
  }
});
