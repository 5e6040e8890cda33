import type { Command, OptionSpec } from './command.ts';

const details: readonly OptionSpec[] = [
  { name: 'ou-name', also: ['ou'], value: 'NAME', about: 'the organisational unit' },
  { name: 'email', value: 'ADDRESS', about: 'the address for mail' },
];
const page: readonly OptionSpec[] = [
  { name: 'number', short: 'n', value: 'N', about: 'how many, by name; 1000 when left out' },
  { name: 'after', value: 'NAME', about: 'only names after this one' },
];
const newName: OptionSpec = { name: 'new-name', value: 'NAME', about: 'what it is called from now on' };
const one = { show: 'NAME', min: 1, max: 1 };

export const directoryCommands: readonly Command[] = [
  {
    name: 'projects add',
    changes: true,
    about: 'Enter a project that calls may be made for',
    operands: one,
    options: [],
    examples: ['nanocent projects add webshop'],
    load: async () => ({ run: (await import('./commands/projects.ts')).add }),
  },
  {
    name: 'projects list',
    about: 'Show the projects, by name',
    options: page,
    examples: ['nanocent projects list'],
    load: async () => ({ run: (await import('./commands/projects.ts')).list }),
  },
  {
    name: 'projects update',
    changes: true,
    about: 'Give a project another name; calls keep the one they were booked with',
    operands: one,
    options: [newName],
    examples: ['nanocent projects update webshop --new-name shop'],
    load: async () => ({ run: (await import('./commands/projects.ts')).update }),
  },
  {
    name: 'projects delete',
    changes: true,
    about: 'Take a project out; its calls stay',
    operands: one,
    options: [],
    examples: ['nanocent projects delete shop'],
    load: async () => ({ run: (await import('./commands/projects.ts')).remove }),
  },
  {
    name: 'users add',
    changes: true,
    about: 'Enter a user who may make calls',
    operands: one,
    options: details,
    examples: ['nanocent users add ann --ou-name Research --email ann@example.com'],
    load: async () => ({ run: (await import('./commands/users.ts')).add }),
  },
  {
    name: 'users list',
    about: 'Show the users, by name, deactivated ones too',
    options: page,
    examples: ['nanocent users list'],
    load: async () => ({ run: (await import('./commands/users.ts')).list }),
  },
  {
    name: 'users update',
    changes: true,
    about: 'Change what is known of a user; what is left out stays',
    operands: one,
    options: [newName, ...details],
    examples: ['nanocent users update ann --email ann@example.org'],
    load: async () => ({ run: (await import('./commands/users.ts')).update }),
  },
  {
    name: 'users deactivate',
    changes: true,
    about: 'Refuse every further call in the name of a user',
    operands: one,
    options: [],
    notes: ['Holds in every process within 5 seconds. What is in flight is settled as usual.'],
    examples: ['nanocent users deactivate ann'],
    load: async () => ({ run: (await import('./commands/users.ts')).deactivate }),
  },
  {
    name: 'users activate',
    changes: true,
    about: 'Let a user make calls again',
    operands: one,
    options: [],
    examples: ['nanocent users activate ann'],
    load: async () => ({ run: (await import('./commands/users.ts')).activate }),
  },
];
