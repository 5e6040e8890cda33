import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keysFor, nearestIds } from './match.ts';
import { canonicalProvider, makerOf } from './provider-names.ts';

test('keys go from the id as written to the bare model, each an exact look-up', () => {
  const keys = (id: string, provider: string) => keysFor(id, provider).map(({ key }) => key);
  assert.deepEqual(keys('GPT-4o-2024-08-06 ', 'openai'), ['gpt-4o-2024-08-06', 'gpt-4o']);
  assert.deepEqual(keys('openai/gpt-4o', 'openai'), ['openai/gpt-4o', 'gpt-4o']);
  assert.deepEqual(keys('acme/gpt-4o', 'openai'), ['acme/gpt-4o'], 'another maker is no prefix');
  assert.deepEqual(keys('models/gemini-1.5-flash-002', 'google'), [
    'models/gemini-1.5-flash-002',
    'gemini-1.5-flash-002',
    'models/gemini-1.5-flash',
    'gemini-1.5-flash',
  ]);
  assert.deepEqual(keys('us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'bedrock').slice(0, 4), [
    'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
    'us.anthropic.claude-sonnet-4-5-20250929',
    'anthropic.claude-sonnet-4-5-20250929',
    'claude-sonnet-4-5-20250929',
  ]);
  assert.ok(keys('ft:gpt-4o-mini-2024-07-18:acme::x1', 'openai').includes('ft:gpt-4o-mini'));
});

test('dates come off, other numbers do not', () => {
  const undated = (id: string, provider = 'anthropic') => keysFor(id, provider).at(-1)!.key;
  assert.equal(undated('claude-sonnet-4@20250514'), 'claude-sonnet-4');
  assert.equal(undated('claude-sonnet-4-5-20250929'), 'claude-sonnet-4-5');
  assert.equal(undated('gpt-3.5-turbo-instruct:20230824-v2', 'openai'), 'gpt-3.5-turbo-instruct');
  assert.equal(undated('gemini-2.5-flash-preview-09-2025', 'google'), 'gemini-2.5-flash-preview');
  for (const id of [
    'mistral-large-2512',
    'grok-4-0709',
    'claude-x-20251399',
    'gemini-1.5-flash-8b',
    'm-latest',
  ]) {
    assert.equal(undated(id), id);
  }
  assert.equal(undated('gemini-2.0-flash-001'), 'gemini-2.0-flash-001', 'only Google numbers snapshots');
});

test('an id that is longer than any id matches nothing', () => {
  assert.deepEqual(keysFor('x'.repeat(2_049), 'openai'), []);
  assert.equal(keysFor('x'.repeat(2_048), 'openai').length, 1);
});

test('ids without provider belong to whoever named them; some to nobody', () => {
  const makers: [string, string | null][] = [
    ['gpt-4o', 'openai'],
    ['o3', 'openai'],
    ['o3-mini', 'openai'],
    ['claude-3-5-sonnet', 'anthropic'],
    ['gemini-1.5-flash', 'google'],
    ['deepseek-chat', 'deepseek'],
    ['grok-4', 'xai'],
    ['mistral-large-latest', 'mistral'],
    ['command-r', 'cohere'],
    ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'bedrock'],
    ['llama-3.3-70b', null],
    ['glm-5', null],
    ['o365-helper', null],
  ];
  for (const [id, maker] of makers) assert.equal(makerOf(id), maker, id);
  for (const [name, expected] of [
    ['AWS', 'bedrock'],
    ['x-ai', 'xai'],
    ['gemini', 'google'],
    ['google-vertex', 'google'],
    ['acme', 'acme'],
    ['constructor', 'constructor'],
  ]) {
    assert.equal(canonicalProvider(name!), expected);
  }
});

test('what is named near an unknown id shares its beginning', () => {
  assert.deepEqual(nearestIds('gpt-4o-minni', ['gpt-4o-mini', 'gpt-4o', 'o3', 'claude-3']), [
    'gpt-4o-mini',
    'gpt-4o',
  ]);
  assert.deepEqual(nearestIds('gpt4o', ['gpt-4', 'gpt-4o', 'o3']), ['gpt-4o', 'gpt-4']);
  assert.deepEqual(nearestIds('zzz', ['gpt-4o']), []);
});
