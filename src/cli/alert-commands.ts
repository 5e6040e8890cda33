import type { Command } from './command.ts';

export const alertsCommand: Command = {
  name: 'limits alerts',
  about: 'List the thresholds that were reached, latest first',
  options: [{ name: 'number', short: 'n', value: 'N', about: 'how many, 1 to 1000; 20 when left out' }],
  notes: [
    'Whoever keeps the books open sends them: the gateway, or a program with openBooks (docs/alerts.md). A command that ends at ' +
      'once sends nothing.',
  ],
  examples: ['nanocent limits alerts', 'nanocent limits alerts -n 100 --json'],
  load: () => import('./commands/limits-alerts.ts'),
};
