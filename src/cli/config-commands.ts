import type { Command } from './command.ts';

export const configCommands: readonly Command[] = [
  {
    name: 'config check',
    about: 'Check the configuration, and everything it names',
    options: [],
    notes: [
      'Reads prices, limits, allowances, accountants and keys, and touches no ledger. Ends with exit code 2 where anything is wrong.',
    ],
    examples: ['nanocent config check', 'nanocent config check --config team.yaml'],
    load: () => import('./commands/config-check.ts'),
  },
  {
    name: 'config show',
    about: 'Show the configuration in force, without its secrets',
    options: [],
    examples: ['nanocent config show', 'nanocent config show --json'],
    load: () => import('./commands/config-show.ts'),
  },
  {
    name: 'config schema',
    about: 'Print the JSON schema of a configuration, for editors',
    options: [],
    examples: ['nanocent config schema > nanocent.schema.json'],
    load: () => import('./commands/config-schema.ts'),
  },
];
