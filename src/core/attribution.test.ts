import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NanocentError } from '../errors/error.ts';
import {
  type AttributionInput,
  attributesOf,
  attributionCharactersMax,
  parseAttribution,
} from './attribution.ts';

const refusedField = (input: AttributionInput): string | undefined => {
  try {
    parseAttribution(input);
  } catch (error) {
    if (NanocentError.is(error)) return `${error.code} ${error.field}`;
    throw error;
  }
  return undefined;
};

test('only the model is needed', () => {
  assert.equal(refusedField({ model: 'gpt-4o' }), undefined);
  assert.equal(refusedField({ model: '' }), 'field_missing model');
  assert.equal(refusedField({ model: '  ' }), 'field_missing model');
  assert.equal(refusedField({} as AttributionInput), 'field_missing model');
  assert.equal(parseAttribution({ model: 'gpt-4o' }).username, null);
});

test('texts are bounded and hold no control characters', () => {
  const longest = 'ü'.repeat(attributionCharactersMax);
  assert.equal(refusedField({ model: 'm', username: longest }), undefined);
  assert.equal(refusedField({ model: 'm', username: `${longest}x` }), 'field_invalid username');
  assert.equal(refusedField({ model: 'm', project: '' }), 'field_invalid project');
  assert.equal(refusedField({ model: 'm', caller: 'a\u0000b' }), 'field_invalid caller');
  assert.equal(refusedField({ model: 'm', session: 'a\nb' }), 'field_invalid session');
  assert.equal(refusedField({ model: 'm', purpose: '\ud800' }), 'field_invalid purpose');
  assert.equal(refusedField({ model: 'm', key: 7 as unknown as string }), 'field_invalid key');
});

test('tags have plain names, bounded values, and cannot reach a prototype', () => {
  assert.deepEqual(parseAttribution({ model: 'm', tags: { team: 'red', 'a.b': 'ö' } }).tags, {
    team: 'red',
    'a.b': 'ö',
  });
  assert.equal(refusedField({ model: 'm', tags: { 'a b': 'x' } }), 'field_invalid tags');
  assert.equal(refusedField({ model: 'm', tags: JSON.parse('{"__proto__":"x"}') }), 'field_invalid tags');
  assert.equal(refusedField({ model: 'm', tags: { team: 'x'.repeat(129) } }), 'field_invalid tags.team');
  const many = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`t${index}`, 'x']));
  assert.equal(refusedField({ model: 'm', tags: many }), 'field_invalid tags');
});

test('limits see the model that was asked for, and each tag by its name', () => {
  const attribution = parseAttribution({
    model: 'gpt-4o-2024-08-06',
    requestedModel: 'gpt-4o',
    username: 'u1',
    tags: { team: 'red' },
  });
  assert.deepEqual(attributesOf(attribution), { model: 'gpt-4o', username: 'u1', 'tag:team': 'red' });
});
