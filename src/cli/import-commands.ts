import type { Command } from './command.ts';

export const importCommand: Command = {
  name: 'import',
  about: "Book calls out of other programs' logs and databases, each once",
  operands: { show: 'SOURCE [FILE|URL]', min: 1, max: 2 },
  options: [
    {
      name: 'map',
      value: 'FIELD=COLUMN,…',
      about: 'which column of a CSV file holds which field; columns named like fields need none',
    },
    { name: 'zone', value: 'IANA', about: "zone of times without one; the ledger's when left out" },
    { name: 'provider', value: 'NAME', about: 'who served the calls of which the source does not say it' },
    {
      name: 'username',
      also: ['user', 'user-name'],
      value: 'NAME',
      about: 'for whom, where the source does not say',
    },
    { name: 'caller-name', also: ['caller'], value: 'NAME', about: 'by which application, likewise' },
    { name: 'project', also: ['project-name'], value: 'NAME', about: 'for which project, likewise' },
    { name: 'purpose', value: 'NAME', about: 'what for, likewise' },
    { name: 'reprice', about: 'price every call by the catalog, also where the source says what it cost' },
    { name: 'again', about: 'read files again that have not changed since their last import' },
    { name: 'dry-run', about: 'say what would be booked, and book nothing' },
  ],
  notes: [
    'SOURCE is agents (all of the next four), claude, codex, gemini or opencode, which need no FILE; llm FILE, the ' +
      "logs.db of Simon Willison's llm; llm-accounting FILE or postgres://…; litellm FILE, its spend logs as JSON lines, " +
      'a JSON array or CSV; csv FILE.',
    'What was imported before, stands in two sources, or went through the gateway is counted and not booked again. ' +
      'Malformed lines are counted, named and passed over.',
  ],
  examples: [
    'nanocent import agents',
    'nanocent import llm "$(llm logs path)"',
    'nanocent import llm-accounting data/accounting.sqlite --zone Europe/Berlin',
    'nanocent import csv usage.csv --map "model=Model,timestamp=When,prompt_tokens=In,completion_tokens=Out"',
  ],
  load: () => import('./commands/import.ts'),
};

export const statuslineCommand: Command = {
  name: 'statusline',
  about: 'Print one line about spending, for the status line of Claude Code',
  options: [],
  notes: [
    'Reads the JSON that Claude Code gives to its statusLine command, and shows the model, what the session, today and the ' +
      'current five hours cost, what the tightest cost limit leaves, and how full the context is.',
    'In ~/.claude/settings.json: { "statusLine": { "type": "command", "command": "nanocent statusline" } }',
  ],
  examples: ['nanocent statusline < status.json'],
  load: () => import('./commands/statusline.ts'),
};

export const topCommand: Command = {
  name: 'top',
  about: 'Watch calls, spending, holds and limits as they change',
  options: [{ name: 'interval', value: 'SECONDS', about: 'between two looks, 1 to 60; 1 when left out' }],
  notes: [
    'Keys: q quits, s sorts, f filters, arrows move, space pauses, ? explains. Needs a terminal; scripts use tail and stats.',
  ],
  examples: ['nanocent top', 'nanocent top --db-file team.sqlite'],
  load: () => import('./commands/top.ts'),
};
