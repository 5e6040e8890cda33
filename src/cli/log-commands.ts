import type { Command, OptionSpec } from './command.ts';

const number: OptionSpec = {
  name: 'number',
  short: 'n',
  value: 'N',
  about: 'how many, newest first; 10 when left out',
};
const username: OptionSpec = {
  name: 'username',
  also: ['user', 'user-name'],
  value: 'NAME',
  about: 'only of this user',
};

export const logCommands: readonly Command[] = [
  {
    name: 'log-event',
    about: 'Write an event to the audit log',
    options: [
      {
        name: 'log-type',
        also: ['type'],
        value: 'TYPE',
        about: 'prompt, response, event, or a name of your own; required',
      },
      { name: 'app-name', also: ['app', 'caller-name'], value: 'NAME', about: 'by which application' },
      { name: 'user-name', also: ['username', 'user'], value: 'NAME', about: 'who did it' },
      { name: 'model', value: 'NAME', about: 'with which model' },
      { name: 'prompt-text', value: 'TEXT', about: 'what was asked' },
      { name: 'response-text', value: 'TEXT', about: 'what was answered' },
      { name: 'remote-completion-id', value: 'ID', about: "the provider's id of its answer" },
      { name: 'project', also: ['project-name'], value: 'NAME', about: 'for which project' },
      { name: 'session', value: 'ID', about: 'in which session' },
      { name: 'timestamp', value: 'TIME', about: 'when; now when left out' },
    ],
    examples: [
      'nanocent log-event --app-name shop --user-name ann --model gpt-4o --log-type prompt --prompt-text "Hello"',
    ],
    load: () => import('./commands/log-event.ts'),
  },
  {
    name: 'audit list',
    about: 'Show the audit log, newest first',
    options: [
      number,
      { name: 'app-name', also: ['app'], value: 'NAME', about: 'only by this application' },
      username,
      { name: 'project', also: ['project-name'], value: 'NAME', about: 'only for this project' },
      { name: 'log-type', also: ['type'], value: 'TYPE', about: 'only of this type' },
    ],
    examples: ['nanocent audit list -n 50 --user ann'],
    load: () => import('./commands/audit-list.ts'),
  },
  {
    name: 'prompts list',
    about: 'Show what was said in calls, newest first, where a prompt log is kept',
    options: [
      number,
      username,
      { name: 'model', value: 'NAME', about: 'only of this model' },
      { name: 'purpose', value: 'NAME', about: 'only for this purpose' },
      { name: 'call', value: 'ID', about: 'only of this call' },
    ],
    notes: ['Prompts that are encrypted need their key in NANOCENT_PROMPT_KEY.'],
    examples: ['nanocent prompts list -n 3 --json'],
    load: () => import('./commands/prompts-list.ts'),
  },
  {
    name: 'prompts purge',
    changes: true,
    about: 'Delete prompts and answers; usage, money and the audit log stay',
    options: [
      { name: 'before', value: 'TIME', about: 'of calls before this time' },
      { ...username, about: 'of this user' },
      { name: 'yes', short: 'y', about: 'do not ask' },
    ],
    examples: ['nanocent prompts purge --before 2026-01-01 --yes', 'nanocent prompts purge --user ann --yes'],
    load: () => import('./commands/prompts-purge.ts'),
  },
];
