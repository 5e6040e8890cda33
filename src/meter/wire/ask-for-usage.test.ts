import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { askForUsage } from './ask-for-usage.ts';
import { jsonMembers } from './json-members.ts';

function asked(text: string, api = 'chat.completions') {
  const { members } = jsonMembers(text);
  const out = askForUsage({ bytes: Buffer.from(text), text, json: JSON.parse(text), members }, api);
  return { text: out.bytes.toString(), added: out.addedUsage };
}

const bodies: readonly (readonly [string, string])[] = [
  ['{"stream":true}', '{"stream_options":{"include_usage":true},"stream":true}'],
  [
    ' { "stream" : true , "n":1.0 }',
    ' {"stream_options":{"include_usage":true}, "stream" : true , "n":1.0 }',
  ],
  [
    '{"stream":true,"stream_options":null,"x":1}',
    '{"stream":true,"stream_options":{"include_usage":true},"x":1}',
  ],
  [
    '{"stream_options":{"include_usage":false,"a":[1,"}"]},"stream":true}',
    '{"stream_options":{"include_usage":true,"a":[1,"}"]},"stream":true}',
  ],
];
for (const [before, after] of bodies) {
  test(`${before} asks for usage, and nothing else changes`, () => {
    assert.deepEqual(asked(before), { text: after, added: true });
  });
}

const untouched: readonly (readonly [string, string])[] = [
  ['{"stream":false}', 'chat.completions'],
  ['{"model":"x"}', 'chat.completions'],
  ['{"stream":true,"stream_options":{"include_usage":true}}', 'chat.completions'],
  ['{"stream":true,"stream_options":7}', 'chat.completions'],
  ['{"stream":true}', 'responses'],
  ['{"stream":true}', 'messages'],
];
for (const [body, api] of untouched) {
  test(`${body} on ${api} passes as it came`, () => {
    assert.deepEqual(asked(body, api), { text: body, added: false });
  });
}

test('members are found where JSON.parse finds them, in any JSON object', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(2), (object, space) => {
      const text = JSON.stringify(object, null, space);
      const found = jsonMembers(text).members.map(({ name, valueStart, valueEnd }) => [
        name,
        JSON.parse(text.slice(valueStart, valueEnd)),
      ]);
      assert.deepEqual(found, Object.entries(JSON.parse(text)));
    }),
    { numRuns: 300 },
  );
});

test('depth counts the deepest nesting, strings aside', () => {
  const depths: readonly (readonly [string, number])[] = [
    ['{}', 1],
    ['{"a":1}', 1],
    ['{"a":[{}]}', 3],
    ['{"a":"[[[["}', 1],
    ['{"a":"\\"[[","b":[]}', 2],
  ];
  for (const [text, depth] of depths) assert.equal(jsonMembers(text).depth, depth, text);
});
