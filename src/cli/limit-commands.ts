import { limitScopes, limitTypes } from '../limits/limit.ts';
import { alertsCommand } from './alert-commands.ts';
import type { Command } from './command.ts';
import { limitFieldOptions } from './options.ts';

const units = ['second', 'minute', 'hour', 'day', 'week', 'month'];
const adverbs = ['minutely', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'];

export const limitCommands: readonly Command[] = [
  {
    name: 'limits set',
    changes: true,
    about: 'Set a limit, or give one a new maximum',
    operands: { show: '[LIMIT=MAXIMUM …]', min: 0, max: 1000 },
    options: [
      { name: 'global', about: 'for everything: the same as --scope GLOBAL' },
      {
        name: 'scope',
        value: 'SCOPE',
        about:
          'GLOBAL, MODEL, USER, CALLER, PROJECT, PROVIDER, KEY, TAG …; told from the fields when left out',
        choices: [...limitScopes],
      },
      {
        name: 'limit-type',
        value: 'TYPE',
        about: 'cost, requests, input_tokens, output_tokens, total_tokens or concurrent_requests; required',
        choices: [...limitTypes],
      },
      { name: 'max-value', value: 'X', about: 'USD for cost, else a count; 0 denies, -1 exempts; required' },
      {
        name: 'interval-unit',
        value: 'UNIT',
        about: 'second, minute, hour, day, week, month or lifetime',
        choices: [
          ...units,
          ...adverbs,
          'lifetime',
          ...[...units, ...adverbs].map((unit) => `${unit}_rolling`),
        ],
      },
      { name: 'interval-value', value: 'N', about: 'how many units; 1 when left out' },
      { name: 'zone', value: 'IANA', about: "time zone of its days; the ledger's when left out" },
      ...limitFieldOptions.map((option) => ({ ...option, multiple: true as const })),
      { name: 'soft', about: 'only report, never refuse' },
      {
        name: 'threshold',
        value: 'PERCENT',
        about: 'percent of its maximum whose reaching is told (docs/alerts.md); may be repeated',
        multiple: true,
      },
      { name: 'from-now', about: 'count from now on, without what already happened in its window' },
    ],
    notes: [
      'Several at once: whom they are for, then each as INTERVAL_TYPE=MAXIMUM. INTERVAL is minutely, hourly, daily, weekly, ' +
        'monthly, yearly, any of them with _rolling, or lifetime; TYPE is cost, requests, tokens, input_tokens, ' +
        'output_tokens; and concurrent_requests stands alone. All of them are checked before the first is set.',
      'A value * gives each model, user … a counter of its own. 0 denies, -1 exempts from wider limits of its type.',
    ],
    examples: [
      'nanocent limits set --global daily_tokens=150000 --model gpt-4 hourly_requests=75 --user jane_doe daily_requests=300',
      'nanocent limits set --scope GLOBAL --limit-type requests --max-value 1000 --interval-unit day',
      'nanocent limits set --scope USER --username john_doe --limit-type cost --max-value 5.00 --interval-unit hour',
      "nanocent limits set --scope USER --username '*' --limit-type cost --max-value 2 --interval-unit day",
    ],
    load: () => import('./commands/limits-set.ts'),
  },
  {
    name: 'limits list',
    about: 'List the limits in force',
    options: [],
    examples: ['nanocent limits list', 'nanocent limits list --json'],
    load: () => import('./commands/limits-list.ts'),
  },
  {
    name: 'limits delete',
    changes: true,
    about: 'End a limit; its history stays',
    options: [{ name: 'id', value: 'N', about: 'its number in `limits list`; required' }],
    examples: ['nanocent limits delete --id 1'],
    load: () => import('./commands/limits-delete.ts'),
  },
  {
    name: 'limits show',
    about: 'Show what is used, held and left of each limit, when it resets, and when it is used up',
    options: [{ name: 'id', value: 'N', about: 'only this one' }, ...limitFieldOptions],
    notes: [
      'When a limit is used up is an estimate from the last complete days, at most 28 and at least 3, with the range in ' +
        'which it lies in four of five cases; a dash where too little is known.',
    ],
    examples: [
      'nanocent limits show',
      'nanocent limits show --username john_doe',
      'nanocent limits show --json',
    ],
    load: () => import('./commands/limits-show.ts'),
  },
  {
    name: 'limits raise',
    changes: true,
    about: 'Raise a limit for a while',
    options: [
      { name: 'id', value: 'N', about: 'its number in `limits list`; required' },
      { name: 'to', value: 'X', about: 'the maximum meanwhile: USD for cost, else a count; required' },
      { name: 'for', value: 'TIME', about: 'how long, such as 30m, 2h or 3d' },
      { name: 'until', value: 'TIME', about: 'or up to this date or time' },
      { name: 'reason', value: 'TEXT', about: 'why, for whoever reads the journal; required' },
    ],
    notes: ['Afterwards the limit is what it was. What was used meanwhile stays counted.'],
    examples: [
      'nanocent limits raise --id 3 --to 20 --for 2h --reason "release night"',
      'nanocent limits raise --id 3 --to 20 --until 2027-01-01 --reason "agreed with finance"',
    ],
    load: () => import('./commands/limits-raise.ts'),
  },
  {
    name: 'limits reset',
    changes: true,
    about: 'Set the counters of a limit, a model or a user back to zero',
    options: [
      { name: 'id', value: 'N', about: 'those of this limit' },
      ...limitFieldOptions,
      { name: 'yes', short: 'y', about: 'do not ask' },
    ],
    notes: [
      'The journal gets an adjustment: usage, its cost and what happened before stay as they are, and `verify` agrees. What ' +
        'open reservations hold stays held. It is for whoever may open the ledger, and not for holders of keys.',
    ],
    examples: [
      'nanocent limits reset --model gpt-4',
      'nanocent limits reset --user john_doe',
      'nanocent limits reset --id 3 --yes',
    ],
    load: () => import('./commands/limits-reset.ts'),
  },
  {
    name: 'limits check',
    about: 'Show what is used, held and left, and whether a call would pass',
    options: [
      ...limitFieldOptions.filter(({ name }) => name !== 'tag'),
      {
        name: 'tag',
        value: 'NAME=VALUE',
        about: 'with this tag; may be given several times',
        multiple: true,
      },
      { name: 'input-tokens', value: 'N', about: 'input that the call would take' },
      { name: 'output-tokens', value: 'N', about: 'output that the call would take' },
      { name: 'cost', value: 'USD', about: 'what the call would cost' },
      { name: 'at', value: 'TIME', about: 'at this time; now when left out' },
    ],
    notes: [
      'Without options: the state of every limit. With options: exit code 8 when such a call would be refused.',
    ],
    examples: ['nanocent limits check', 'nanocent limits check --username john_doe --cost 0.25'],
    load: () => import('./commands/limits-check.ts'),
  },
  alertsCommand,
];
