import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NanocentError } from '../errors/error.ts';
import {
  anthropicPayloads,
  anthropicStream,
  chatPayloads,
  chatStream,
  dataOnly,
  named,
} from './fixtures/streams.ts';
import { readResponse } from './read-response.ts';
import { openReader } from './reader.ts';
import { formatOf } from './registry.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const chat = { provider: 'openai', api: 'chat.completions', framing: 'sse' } as const;

test('finish may be called again: the same reading; what comes after is not read', () => {
  const reader = openReader(chat);
  const reading = reader.finish();
  reader.chunk(bytes(chatStream));
  assert.equal(reader.finish(), reading);
  assert.deepEqual(
    [reading.basis, reading.usage.input, reading.raw, reading.model],
    ['partial', null, null, null],
  );
});

test('a chunk may be overwritten by its owner as soon as it was given', () => {
  for (const framing of ['json', 'sse', 'auto'] as const) {
    const reader = openReader({ ...chat, framing });
    const text =
      framing !== 'sse' ? '{"model":"m","usage":{"prompt_tokens":1,"completion_tokens":2}}' : chatStream;
    for (const byte of bytes(text)) {
      const buffer = Uint8Array.of(byte);
      reader.chunk(buffer);
      buffer.fill(0);
    }
    assert.equal(reader.finish().basis, 'provider', framing);
  }
});

test('an event above its bound is passed over, and the reading says so', () => {
  const long = chatPayloads[1]!.replace('Grüße', 'x'.repeat(2000));
  const reader = openReader({ ...chat, eventBytesMax: 1000 });
  reader.chunk(bytes(dataOnly([chatPayloads[0]!, long, ...chatPayloads.slice(2)])));
  const reading = reader.finish();
  assert.deepEqual([reading.basis, reading.usage.output], ['partial', 77]);
  assert.deepEqual(reading.problems, ['an event of more than 1000 bytes was passed over']);
});

test('a payload with counts that is damaged is named by its number', () => {
  const damaged = chatPayloads.at(-1)!.replace('"prompt_tokens":2048,', '"prompt_tokens":2048;');
  const reading = readResponse(dataOnly([...chatPayloads.slice(0, -1), damaged]));
  assert.deepEqual(reading.problems, ['payload 7 is not valid JSON']);
  assert.deepEqual([reading.basis, reading.usage.input], ['partial', null]);
});

test('the model cannot write usage into its answer', () => {
  const prose = JSON.stringify('"usage":{"prompt_tokens":1,"completion_tokens":1}}').slice(1, -1);
  const said = chatPayloads[1]!.replace('Grüße', prose);
  const reading = readResponse(dataOnly([chatPayloads[0]!, said, said, said]));
  assert.deepEqual([reading.basis, reading.usage.input, reading.raw], ['partial', null, null]);
});

test('a cut body keeps the members that came whole, labelled partial', () => {
  const body =
    '{"id":"c","object":"chat.completion","model":"m","usage":{"prompt_tokens":10,"completion_tokens":20},"service_tier":"fl';
  const reading = readResponse(body);
  assert.deepEqual(
    [reading.basis, reading.usage.input, reading.usage.output, reading.terms],
    ['partial', 10, 20, {}],
  );
});

for (const [api, provider, expected] of [
  ['/v1/chat/completions', 'openai', 'openai chat.completions'],
  ['chat', 'openai', 'openai chat.completions'],
  ['v1/messages', 'anthropic', 'anthropic messages'],
  ['messages', 'some-proxy', 'anthropic messages'],
  ['responses', 'some-server', 'openai responses'],
] as const) {
  test(`${provider} on ${api} is read as ${expected}`, () => {
    const format = formatOf(provider, api);
    assert.equal(`${format?.provider} ${format?.api}`, expected);
  });
}

test('the reading carries the name of the provider that was asked, not of the format', () => {
  assert.equal(readResponse(anthropicStream, { provider: 'some-proxy' }).provider, 'some-proxy');
  assert.equal(readResponse(anthropicStream, { provider: 'some-proxy' }).usage.input, 4100);
});

test('the same stream as events, as lines and as a list reads the same', () => {
  const { usage, terms, toolCalls } = readResponse(named(anthropicPayloads));
  for (const text of [
    anthropicPayloads.join('\n'),
    anthropicPayloads.join('\r\n'),
    `[${anthropicPayloads.join(',')}]`,
  ]) {
    const reading = readResponse(text);
    assert.deepEqual(
      [reading.basis, reading.usage, reading.terms, reading.toolCalls],
      ['provider', usage, terms, toolCalls],
    );
  }
});

for (const [what, body] of [
  ['nothing', ''],
  ['prose', 'Internal Server Error'],
  ['a web page', '<html>{}</html>'],
  ['a number', '42'],
  ['an object that is no response', '{"foo":1}'],
  ['an error of a provider', '{"error":{"message":"no","type":"invalid_request_error"}}'],
  ['noise', '\0\u0001\u0002'],
] as const) {
  test(`${what} is refused, saying what was expected`, () => {
    assert.throws(
      () => readResponse(body),
      (error) =>
        NanocentError.is(error) && error.code === 'body_malformed' && /JSON object/.test(error.fix ?? ''),
    );
  });
}

test('an API that nobody speaks is refused with those that are known', () => {
  assert.throws(
    () => openReader({ provider: 'openai', api: 'telepathy', framing: 'json' }),
    (error) => NanocentError.is(error) && error.field === 'api' && /chat\.completions/.test(error.fix ?? ''),
  );
});
