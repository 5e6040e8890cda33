import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBooks } from '../../src/books/open-books.ts';
import { type CallInput, createMeter, type Ending } from '../../src/meter/index.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';
import {
  chatNanocents,
  chatStream,
  messageNanocents,
  messageStream,
  responseNanocents,
  responseStream,
} from '../transcripts.ts';

const request = { inputTokensMax: null, outputTokensMax: null, choices: 1 };
const held = 50_000_000_000n;

const transcripts: readonly { name: string; stream: string; call: CallInput; whole: bigint }[] = [
  {
    name: 'OpenAI chat',
    stream: chatStream,
    call: call('openai', 'chat.completions', 'gpt-4o-mini'),
    whole: chatNanocents,
  },
  {
    name: 'OpenAI responses',
    stream: responseStream,
    call: call('openai', 'responses', 'gpt-4o-mini'),
    whole: responseNanocents,
  },
  {
    name: 'Anthropic messages',
    stream: messageStream,
    call: call('anthropic', 'messages', 'claude-haiku-4-5'),
    whole: messageNanocents,
  },
];

function call(provider: string, api: string, model: string): CallInput {
  return { provider, api, model, endpoint: `/v1/${api.replace('.', '/')}`, requestBytes: 400, request };
}

for (const { name, stream, call, whole } of transcripts) {
  test(`${name}: cut at every byte, it is never booked as nothing, and no hold stays`, async () => {
    const books = await openBooks({ store: 'memory', clock: fakeClock('2026-11-22T12:00:00Z') });
    const meter = createMeter(books.context);
    const bytes = Buffer.from(stream);
    const ends = await Promise.all(
      Array.from({ length: bytes.length + 1 }, (_, cut) => endAt(meter, call, bytes, cut)),
    );
    assert.equal((await books.reads.openReservations(1)).length, 0);
    for (const [cut, end] of ends.entries()) {
      assert.ok(end.outcome === 'settled' && end.nanocents !== null && end.nanocents > 0n, `cut at ${cut}`);
      const { basis, nanocents } = end;
      // The whole amount is known once the last counts were seen; before that nothing may claim to be the provider's.
      if (basis === 'provider') assert.equal(nanocents, whole, `cut at ${cut}`);
      if (basis === 'reserved') assert.equal(nanocents, held, `cut at ${cut}`);
    }
    assert.deepEqual(ends.at(-1), { ...ends.at(-1), basis: 'provider', nanocents: whole });
    assert.equal(ends[0]?.outcome === 'settled' && ends[0].basis, 'reserved');
    const bases = new Set(ends.map((end) => end.outcome === 'settled' && end.basis));
    assert.ok(bases.has('estimated') || bases.has('partial'), [...bases].join());
    const { balanced, differences } = await books.verify();
    assert.ok(balanced, differences.map(String).join());
    await books.close();
  });
}

async function endAt(meter: ReturnType<typeof createMeter>, input: CallInput, bytes: Buffer, cut: number) {
  const begun = await meter.begin(input);
  if (begun.outcome !== 'held') throw new Error(begun.outcome);
  begun.call.chunk(bytes.subarray(0, cut));
  const ended: Ending['ended'] = cut === bytes.length ? 'complete' : cut % 2 === 0 ? 'aborted' : 'error';
  return begun.call.finish({ ended, sent: true, httpStatus: 200, streamed: true });
}
