import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nanocentsOfUsd, rawAt, rawElements, scaledDecimal } from './exact.ts';

for (const [decimal, nanocents] of [
  ['0.0076509169000000005', 765_091_690n],
  ['0.025265', 2_526_500_000n],
  ['1.5e-7', 15_000n],
  ['1E-11', 1n],
  ['0.000000000005', 1n],
  ['0.000000000004999', 0n],
  ['0', 0n],
  ['2', 200_000_000_000n],
  ['999999999.99999999999', 99_999_999_999_999_999_999n],
  ['"0.01"', 1_000_000_000n],
] as const) {
  test(`${decimal} USD is ${nanocents} nanocents`, () => assert.equal(nanocentsOfUsd(decimal), nanocents));
}

for (const wrong of ['-0.1', '1000000000', 'null', '', '1.', '.5', '1e999', 'NaN', '0x1', '{}', null]) {
  test(`${wrong} is no amount`, () => assert.equal(nanocentsOfUsd(wrong), null));
}

test('a decimal scales to the nearest whole, halves up', () => {
  assert.deepEqual(
    ['0.4', '0.5', '1.49', '1.5', '12e1'].map((decimal) => scaledDecimal(decimal, 0)),
    [0n, 1n, 1n, 2n, 120n],
  );
});

test('the raw text of a member, wherever it stands and whatever surrounds it', () => {
  const text = ' {"a":"}\\\\\\"{", "usage" : { "cost": 0.10 ,"x":[1,{"cost":2}]}, "z":null}';
  assert.equal(rawAt(text, ['usage']), '{ "cost": 0.10 ,"x":[1,{"cost":2}]}');
  assert.equal(rawAt(text, ['usage', 'cost']), '0.10');
  assert.equal(rawAt(text, ['z']), 'null');
  assert.equal(rawAt(text, ['usage', 'missing']), null);
  assert.equal(rawAt(text, ['z', 'cost']), null);
  assert.equal(rawAt('[]', ['z']), null);
  assert.equal(rawAt('{"a":1,"a":2}', ['a']), '2');
});

test('what is found raw parses to what JSON.parse finds', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(3), (object, indent) => {
      const text = JSON.stringify(object, null, indent);
      for (const [key, value] of Object.entries(object)) {
        if (JSON.stringify(key) !== `"${key}"`) continue; // names with escapes are not looked for
        assert.deepEqual(JSON.parse(rawAt(text, [key])!), JSON.parse(JSON.stringify(value)));
      }
      const list = Object.values(object);
      assert.deepEqual(
        rawElements(JSON.stringify(list, null, indent))?.map((raw) => JSON.parse(raw)),
        JSON.parse(JSON.stringify(list)),
      );
    }),
    { numRuns: 1000 },
  );
});

test('elements of a text that is no list any more: what can be made out, and an end', () => {
  const cases: readonly (readonly [string, readonly string[] | null])[] = [
    ['[]', []],
    ['[', []],
    ['[}', ['']],
    ['[1}', ['1']],
    ['[1 2]', ['1']],
    ['[,,', ['', '']],
    ['[{"a":1},{"b":', ['{"a":1}', '{"b":']],
    ['{"a":[1]}', null],
    ['', null],
  ];
  for (const [text, elements] of cases) assert.deepEqual(rawElements(text), elements, text);
});
