import type { Command, OptionSpec } from './command.ts';

const whose: readonly OptionSpec[] = [
  { name: 'username', also: ['user', 'user-name'], value: 'NAME', about: "this user's" },
  { name: 'key', value: 'ID', about: "this virtual key's" },
  { name: 'project', also: ['project-name'], value: 'NAME', about: "this project's" },
];

export const grantCommands: readonly Command[] = [
  {
    name: 'grants add',
    changes: true,
    about: 'Give a user, key or project prepaid credit',
    options: [
      ...whose,
      { name: 'usd', value: 'USD', about: 'how much; required' },
      { name: 'expires', value: 'TIME', about: 'not to be spent from then on; never when left out' },
      { name: 'priority', value: 'N', about: 'lower ones are spent first; 0 when left out' },
      { name: 'reference', value: 'TEXT', about: 'your own name for it: the same again is the same grant' },
    ],
    notes: [
      'Who has had a grant needs room in what is left of them for every call that costs something. Of grants with the same ' +
        'priority the one that expires sooner is spent first, then the older.',
    ],
    examples: [
      'nanocent grants add --user u42 --usd 20 --reference order-17',
      'nanocent grants add --project search --usd 5 --expires 2027-01-01 --priority -1',
    ],
    load: () => import('./commands/grants-add.ts'),
  },
  {
    name: 'grants list',
    about: 'List prepaid credit, with what is left of each grant',
    options: whose,
    examples: ['nanocent grants list', 'nanocent grants list --user u42 --json'],
    load: () => import('./commands/grants-list.ts'),
  },
  {
    name: 'grants refund',
    changes: true,
    about: 'Take back what is neither spent nor held of a grant',
    operands: { show: 'ID', min: 1, max: 1 },
    options: [],
    notes: ['Says how much that was; asked again it takes nothing more and says the same.'],
    examples: ['nanocent grants refund 3'],
    load: () => import('./commands/grants-refund.ts'),
  },
];
