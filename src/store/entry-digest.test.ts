import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import type { Entry } from './entry.ts';
import { entryDigest } from './entry-digest.ts';

const entry: Entry = {
  id: '019a9b3c-7d2e-7f00-8a11-3b5c6d7e8f90',
  kind: 'call',
  at: 1,
  recordedAt: 2,
  model: 'm',
  requestedModel: null,
  provider: null,
  endpoint: null,
  caller: null,
  username: 'ann',
  project: null,
  session: null,
  purpose: null,
  key: null,
  tags: { b: '2', a: '1' },
  usage: {
    input: 3,
    cacheRead: null,
    cacheWrite5m: null,
    cacheWrite1h: null,
    cacheWrite: null,
    output: null,
    reasoning: null,
    inputImage: 1,
    units: { webSearch: 2 },
  },
  totalTokens: null,
  localPromptTokens: null,
  localCompletionTokens: null,
  localTotalTokens: null,
  toolCalls: null,
  nanocents: 5n,
  costSource: 'priced',
  basis: 'provider',
  priceId: null,
  charge: null,
  remark: null,
  executionMicroseconds: null,
  callId: 'c',
  reservationId: null,
  adjusts: null,
  responseId: null,
  rawUsage: null,
  calls: 1,
  salt: '00',
};

test('the digest of a row is this text and no other, for as long as there are ledgers', () => {
  const text =
    '["019a9b3c-7d2e-7f00-8a11-3b5c6d7e8f90","call",1,"m",null,null,null,null,"ann",null,null,null,null,' +
    'null,null,null,null,null,"5","priced","provider",null,null,null,null,"c",null,null,null,null,1,' +
    '3,null,null,null,null,null,null,null,null,1,null,null,null,[["webSearch",2]],[["a","1"],["b","2"]]]';
  assert.equal(entryDigest(entry), hash('sha256', `00\n${text}`, 'hex'));
});

test('counts that came later stand at the end, where there are any', () => {
  const seen = (later: object) => entryDigest({ ...entry, usage: { ...entry.usage, ...later } });
  const digests = [{}, { inputVideo: 1 }, { outputVideo: 1 }, { cacheReadImage: 1 }, { inputVideo: 0 }].map(
    seen,
  );
  assert.equal(new Set(digests).size, digests.length);
});
