import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { entryDraft } from '../../testing/drafts.ts';
import { fakeClock } from '../../testing/fake-clock.ts';
import { writeByHand } from '../../testing/plan-machine.ts';
import { seededIds } from '../../testing/seeded.ts';
import type { Entry } from '../entry.ts';
import { openSqlite } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'nanocent-codec-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const clock = fakeClock('2026-03-01T10:00:00Z');
let files = 0;
const open = () => openSqlite({ file: join(folder, `${files++}.sqlite`), clock });
const ids = seededIds();

const highest = 2n ** 63n - 1n;
const lowest = -(2n ** 63n);
const beyondDouble = 2n ** 53n + 1n;

const plain = (more: Partial<Entry> = {}): Entry => ({
  ...entryDraft({}, { id: ids.uuid(), at: clock.now(), salt: ids.salt() }),
  recordedAt: clock.now(),
  ...more,
});

/** Text as people and providers write it: any code points, NUL and lone surrogates refused before they get here. */
const text = fc
  .string({ unit: 'grapheme', maxLength: 40 })
  .map((value) => value.replaceAll('\u0000', ''))
  .filter((value) => value.isWellFormed());
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const count = fc.oneof(fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER), fc.maxSafeNat());
const amount = fc.oneof(
  fc.constantFrom(0n, highest, lowest, beyondDouble, -beyondDouble),
  fc.bigInt({ min: lowest, max: highest }),
);
const record = <T>(value: fc.Arbitrary<T>) =>
  fc.dictionary(text, value, { maxKeys: 4, noNullPrototype: true });

const anyEntry: fc.Arbitrary<Entry> = fc
  .record({
    kind: fc.constantFrom('call', 'attempt', 'expiry', 'late', 'adjustment'),
    at: count.map((value) => value % 8_000_000_000_000_000),
    recordedAt: count,
    model: text,
    requestedModel: maybe(text),
    provider: maybe(text),
    endpoint: maybe(text),
    caller: maybe(text),
    username: maybe(text),
    project: maybe(text),
    session: maybe(text),
    purpose: maybe(text),
    key: maybe(text),
    tags: record(text),
    usage: fc
      .record({
        input: maybe(count),
        cacheRead: maybe(count),
        cacheWrite5m: maybe(count),
        cacheWrite1h: maybe(count),
        cacheWrite: maybe(count),
        output: maybe(count),
        reasoning: maybe(count),
        units: record(fc.double({ min: 0, max: 1e9, noNaN: true }).map((value) => value + 0)),
      })
      .chain((known) =>
        fc
          .record(
            {
              inputAudio: count,
              cacheReadAudio: count,
              inputImage: count,
              cacheReadImage: count,
              inputVideo: count,
              outputVideo: count,
              outputAudio: count,
              outputImage: count,
              toolUseInput: count,
            },
            { requiredKeys: [] },
          )
          .map((subsets) => ({ ...known, ...subsets })),
      ),
    totalTokens: maybe(count),
    localPromptTokens: maybe(count),
    localCompletionTokens: maybe(count),
    localTotalTokens: maybe(count),
    toolCalls: maybe(count),
    nanocents: maybe(amount),
    costSource: fc.constantFrom('given', 'priced', 'provider', 'unpriced'),
    basis: fc.constantFrom('provider', 'partial', 'estimated', 'reserved', 'imported'),
    priceId: maybe(text),
    charge: maybe(text),
    remark: maybe(text),
    executionMicroseconds: maybe(count),
    callId: text,
    reservationId: maybe(fc.uuid()),
    adjusts: maybe(fc.uuid()),
    responseId: maybe(text),
    rawUsage: maybe(text),
    calls: fc.constantFrom(0, 1),
    salt: text,
  })
  .map((entry) => ({ ...entry, id: ids.uuid() }) as Entry);

test('every field of a usage row comes back as it went in', async () => {
  const store = await open();
  await fc.assert(
    fc.asyncProperty(anyEntry, async (entry) => {
      const { position } = (await store.chainHeads())[0]!;
      await writeByHand(store, { entries: [entry] });
      assert.deepEqual(await store.entry(entry.id), { entry, line: { chain: 1, position: position + 1 } });
    }),
    { numRuns: 200 },
  );
  await store.close();
});

test('unknown and zero stay apart, in counts and in money', async () => {
  const store = await open();
  const zero = plain({ nanocents: 0n, totalTokens: 0, usage: { ...plain().usage, input: 0, inputAudio: 0 } });
  const unknown = plain();
  await writeByHand(store, { entries: [zero, unknown] });
  assert.deepEqual(await store.entriesById([unknown.id, ids.uuid(), zero.id]), [unknown, zero]);
  await store.close();
});
