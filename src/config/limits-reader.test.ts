import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLimits } from './limits-reader.ts';
import { parseYaml } from './parse-yaml.ts';
import { writtenOf } from './written.ts';

const read = (text: string) =>
  readLimits(parseYaml(text, 'limits.yaml'), { name: 'limits.yaml', file: '/team/limits.yaml' }).limits;

test('sections of subjects, each with words for limits', () => {
  const text = `
# Global daily token limit
global:
  daily_tokens: 100_000
  monthly_cost: 0.10
models:
  gpt-4:
    hourly_requests: 50
  '*':
    concurrent_requests: 5
users:
  42:
    lifetime_cost: -1
callers:
projects: {web: {weekly_rolling_input_tokens: 0}}
`;
  assert.deepEqual(
    read(text).map(({ place, input }) => [place, input]),
    [
      [
        'line 4, global.daily_tokens',
        { scope: 'GLOBAL', limitType: 'total_tokens', intervalUnit: 'daily', max: '100000' },
      ],
      [
        'line 5, global.monthly_cost',
        { scope: 'GLOBAL', limitType: 'cost', intervalUnit: 'monthly', max: '0.10' },
      ],
      [
        'line 8, models.gpt-4.hourly_requests',
        { scope: 'MODEL', model: 'gpt-4', limitType: 'requests', intervalUnit: 'hourly', max: '50' },
      ],
      [
        'line 10, models.*.concurrent_requests',
        { scope: 'MODEL', model: '*', limitType: 'concurrent_requests', max: '5' },
      ],
      [
        'line 13, users.42.lifetime_cost',
        { scope: 'USER', username: '42', limitType: 'cost', intervalUnit: 'lifetime', max: '-1' },
      ],
      [
        'line 15, projects.web.weekly_rolling_input_tokens',
        {
          scope: 'PROJECT',
          project: 'web',
          limitType: 'input_tokens',
          intervalUnit: 'weekly_rolling',
          max: '0',
        },
      ],
    ],
  );
});

test('the list with every field, and a zone for the whole file', () => {
  const [soft, mixed, flight] = read(`
zone: Europe/Berlin
limits:
  - type: cost
    max: 20
    interval: month
    soft: true
    thresholds: [50, 80%, 100]
  - scope: USER
    username: '*'
    model: gpt-4
    type: requests
    max: 1_000
    interval: { unit: hour, value: 5, mode: rolling }
    zone: UTC
  - { type: concurrent_requests, max: 3, caller: batch, enforcement: hard, interval: null }
`).map(({ input }) => input);
  assert.deepEqual(
    [soft!.scope, soft!.enforcement, soft!.thresholds, soft!.intervalUnit, soft!.zone, soft!.max],
    ['GLOBAL', 'soft', [50, 80, 100], 'month', 'Europe/Berlin', '20'],
  );
  assert.deepEqual(
    [mixed!.username, mixed!.model, mixed!.intervalUnit, mixed!.intervalValue, mixed!.zone, mixed!.max],
    ['*', 'gpt-4', 'hour_rolling', 5, 'UTC', '1000'],
  );
  assert.deepEqual([flight!.scope, flight!.intervalUnit, flight!.enforcement], ['CALLER', undefined, 'hard']);
});

test('a program says the same without lines; an empty file says nothing', () => {
  const source = { name: 'limits', file: 'limits' };
  const written = writtenOf({ users: { ann: { daily_cost: 2.5, hourly_requests: 10n } } });
  assert.deepEqual(
    readLimits(written, source).limits.map(({ place, input }) => [place, input.max]),
    [
      ['users.ann.daily_cost', '2.5'],
      ['users.ann.hourly_requests', '10'],
    ],
  );
  for (const text of ['', '# nothing yet\n', 'global:\n', '{}', '[]', 'limits:\n'])
    assert.deepEqual(read(text), []);
});

test('what is wrong is named with file, line, key and the nearest known key', () => {
  const rows: [string, RegExp, RegExp?][] = [
    [
      'global:\n  dayly_tokens: 5\n',
      /limits\.yaml, line 2, global\.dayly_tokens: .*no limit/,
      /daily_tokens/,
    ],
    ['user:\n  ann:\n    daily_cost: 5\n', /limits\.yaml, line 1, user is not known/, /did you mean users\?/],
    ['budgets: 3\n', /line 1, budgets is not known/, /known are global/],
    ['users:\n  - ann\n', /line 2, users is not a table/],
    ['users:\n  ann: 5\n', /line 2, users\.ann is not a table/],
    ['users:\n  ann:\n    daily_cost:\n', /line 3, users\.ann\.daily_cost has no value/],
    ['users:\n  ann:\n    daily_cost: [1]\n', /line 3, users\.ann\.daily_cost is not a single value/],
    ['limits: 5\n', /line 1, limits is not a list/],
    ['limits:\n  - typ: cost\n', /line 2, limits\[1\]\.typ is not known/, /did you mean type\?/],
    ['limits:\n  - type: cost\n    interval: day\n', /line 2, limits\[1\] has no max/],
    ['limits:\n  - max: 3\n', /limits\[1\] has no type/],
    [
      'limits:\n  - {type: cost, max: 3, interval: {every: 3}}\n',
      /interval\.every is not known/,
      /unit, value/,
    ],
    ['limits:\n  - {type: cost, max: 3, interval: {mode: fixed}}\n', /has the mode fixed/],
    ['limits:\n  - {type: cost, max: 3, enforcement: strict}\n', /enforcement is strict/, /hard or soft/],
    ['global:\n  daily_cost: 1\n  daily_cost: 2\n', /line 3: Map keys must be unique/],
    ['global: [\n', /limits\.yaml, line \d/],
    ['a: 1\n---\nb: 2\n', /line 2: Source contains multiple documents/],
    ['global: !secret x\n', /line 1: Unresolved tag/],
    ['? [1, 2]\n: 3\n', /line 1: a key has to be a word/],
    ['a: &a [*a]\n', /holds more than a file of limits may/],
    ['['.repeat(10_000), /limits\.yaml/],
  ];
  for (const [text, message, fix = /./] of rows) {
    assert.throws(() => read(text), { code: 'config_invalid', message, fix }, text.slice(0, 60));
  }
});

test('aliases stand for what they repeat, and bombs are stopped', () => {
  const text = 'users:\n  ann: &team { daily_cost: 5 }\n  bob: *team\n';
  assert.deepEqual(
    read(text).map(({ input }) => [input.username, input.max]),
    [
      ['ann', '5'],
      ['bob', '5'],
    ],
  );
  const levels = Array.from({ length: 12 }, (_, level) =>
    level === 0
      ? 'a0: &a0 [x, x]'
      : `a${level}: &a${level} [${Array(9)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
  );
  assert.throws(() => read(levels.join('\n')), { code: 'config_invalid', message: /more than a file/ });
});
