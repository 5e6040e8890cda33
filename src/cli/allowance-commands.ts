import type { Command } from './command.ts';
import { limitFieldOptions } from './options.ts';

export const allowanceCommands: readonly Command[] = [
  {
    name: 'allowances set',
    changes: true,
    about: 'Give someone an amount that is there again each day',
    options: [
      { name: 'daily', value: 'N', about: 'how much each day' },
      { name: 'once', value: 'N', about: 'how much in all, never filled up again' },
      { name: 'credits', about: 'the amount is in credits of 1,000 nanocents; so it is without --usd' },
      { name: 'usd', about: 'the amount is in US dollars' },
      { name: 'every-24h', about: 'filled up every 24 hours from now on, instead of at midnight' },
      { name: 'zone', value: 'IANA', about: "time zone of its days; the ledger's when left out" },
      ...limitFieldOptions,
    ],
    notes: [
      'There is one allowance for each combination of fields; setting it again gives it another amount and keeps what was ' +
        'used. A field that is * gives each of its values an allowance of its own.',
    ],
    examples: [
      'nanocent allowances set --provider gemini --daily 100000',
      "nanocent allowances set --username '*' --daily 0.50 --usd --zone Europe/Berlin",
      'nanocent allowances set --project trial --once 5 --usd',
    ],
    load: () => import('./commands/allowances-set.ts'),
  },
  {
    name: 'allowances list',
    about: 'List the allowances, with what is left of each',
    options: [],
    examples: ['nanocent allowances list', 'nanocent allowances list --json'],
    load: () => import('./commands/allowances-list.ts'),
  },
  {
    name: 'allowances show',
    about: 'Show what is left, also in tokens of a model',
    options: [
      { name: 'id', value: 'N', about: 'only this one' },
      {
        name: 'model',
        value: 'NAME',
        about: 'how many of its tokens that buys; may be given several times',
        multiple: true,
      },
      ...limitFieldOptions.filter(({ name }) => name !== 'model'),
    ],
    notes: [
      "Tokens are counted at the model's price of now, all as input or all as output. A model without a price is unknown.",
    ],
    examples: [
      'nanocent allowances show --provider gemini --model gemini-2.5-flash',
      'nanocent allowances show --username john_doe',
    ],
    load: () => import('./commands/allowances-show.ts'),
  },
  {
    name: 'allowances delete',
    changes: true,
    about: 'End an allowance; its history stays',
    options: [{ name: 'id', value: 'N', about: 'its number in `allowances list`; required' }],
    examples: ['nanocent allowances delete --id 1'],
    load: () => import('./commands/allowances-delete.ts'),
  },
];
