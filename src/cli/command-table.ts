import { agentCommands } from './agent-commands.ts';
import { allowanceCommands } from './allowance-commands.ts';
import type { Command, OptionSpec } from './command.ts';
import { configCommands } from './config-commands.ts';
import { directoryCommands } from './directory-commands.ts';
import { grantCommands } from './grant-commands.ts';
import { importCommand, statuslineCommand, topCommand } from './import-commands.ts';
import { limitCommands } from './limit-commands.ts';
import { logCommands } from './log-commands.ts';
import { attributionOptions, countOptions, filterOptions } from './options.ts';
import { priceCommands } from './price-commands.ts';

const idempotencyKey: OptionSpec = {
  name: 'idempotency-key',
  value: 'KEY',
  about: 'the same key with the same fields books once',
};

const booking: readonly Command[] = [
  {
    name: 'track',
    about: 'Book a call that happened',
    operands: { show: '[-]', min: 0, max: 1 },
    options: [
      ...attributionOptions,
      ...countOptions,
      { name: 'cost', value: 'USD', about: 'what it cost; computed from the price catalog when left out' },
      { name: 'execution-time', value: 'SECONDS', about: 'how long it took' },
      {
        name: 'timestamp',
        value: 'TIME',
        about: "ISO 8601, without a zone in the ledger's; now when left out",
      },
      idempotencyKey,
    ],
    notes: [
      'Prints the id of the entry. `track -` reads one JSON object a line from the standard input, with the same ' +
        'fields in camelCase or snake_case (promptTokens, caller_name …), books every good line, names every bad ' +
        'one, and ends with exit code 2 if there was one.',
    ],
    examples: [
      'nanocent track --model gpt-4o --prompt-tokens 1000 --completion-tokens 500',
      'nanocent track --model my-model --cost 0.002 --username john_doe',
      'nanocent track - < calls.jsonl',
    ],
    load: () => import('./commands/track.ts'),
  },
  {
    name: 'tail',
    about: 'Show the latest calls, newest first',
    options: [
      { name: 'number', short: 'n', value: 'N', about: 'how many, 1 to 1000; 10 when left out' },
      ...filterOptions,
    ],
    examples: ['nanocent tail', 'nanocent tail -n 5 --username john_doe', 'nanocent tail -n 1 --json'],
    load: () => import('./commands/tail.ts'),
  },
  {
    name: 'stats',
    about: 'Sums, averages, groups and rankings of a period',
    options: [
      { name: 'daily', about: 'today' },
      { name: 'weekly', about: 'this week, from Monday' },
      { name: 'monthly', about: 'this month; the default' },
      { name: 'yearly', about: 'this year' },
      {
        name: 'period',
        value: 'NAME',
        about: 'daily, weekly, monthly or yearly',
        choices: ['daily', 'weekly', 'monthly', 'yearly'],
      },
      { name: 'start', value: 'TIME', about: 'from this date or time on' },
      { name: 'end', value: 'TIME', about: 'up to this time; a bare date includes that day' },
      {
        name: 'by',
        value: 'FIELD',
        about: 'user, caller, project, model, provider, key, session, purpose or day',
        choices: ['user', 'caller', 'project', 'model', 'provider', 'key', 'session', 'purpose', 'day'],
      },
      ...filterOptions,
    ],
    notes: ["Days begin at midnight in the ledger's time zone, which the heading names."],
    examples: [
      'nanocent stats --daily',
      'nanocent stats --start 2026-01-01 --end 2026-01-31 --by user',
      'nanocent stats --monthly --by day --csv > month.csv',
    ],
    load: () => import('./commands/stats.ts'),
  },
  {
    name: 'purge',
    changes: true,
    about: 'Delete usage rows; limits, balances and the journal stay',
    options: [
      { name: 'before', value: 'TIME', about: 'only calls before this time; all when left out' },
      { name: 'yes', short: 'y', about: 'do not ask' },
    ],
    examples: ['nanocent purge', 'nanocent purge --before 2026-01-01 --yes'],
    load: () => import('./commands/purge.ts'),
  },
  {
    name: 'select',
    about: 'Run a read-only SQL query',
    options: [{ name: 'query', value: 'SQL', about: 'one SELECT; required' }],
    examples: [
      'nanocent select --query "SELECT model, COUNT(*) AS count FROM accounting_entries GROUP BY model"',
      'nanocent select --csv --query "SELECT * FROM accounting_entries"',
    ],
    load: () => import('./commands/select.ts'),
  },
  importCommand,
  topCommand,
  statuslineCommand,
];

const holds: readonly Command[] = [
  {
    name: 'reserve',
    about: 'Set money aside before a call',
    options: [
      { name: 'usd', value: 'USD', about: 'how much' },
      { name: 'nanocents', value: 'N', about: 'the same in nanocents' },
      { name: 'ttl', value: 'SECONDS', about: 'how long it is held, 1 to 86400; 600 when left out' },
      {
        name: 'on-expire',
        value: 'WHAT',
        about: 'release or charge it when nobody settles it in time; release when left out',
        choices: ['release', 'charge'],
      },
      ...attributionOptions,
      idempotencyKey,
    ],
    notes: [
      'Prints the id of the reservation. Ends with exit code 8, and says why, when a limit has no room.',
    ],
    examples: [
      'nanocent reserve --usd 0.50 --model gpt-4o --username john_doe',
      'id=$(nanocent reserve --usd 1 --model gpt-4o -q)',
    ],
    load: () => import('./commands/reserve.ts'),
  },
  {
    name: 'settle',
    about: 'Book what a reservation really cost, and free the rest',
    operands: { show: 'ID', min: 1, max: 1 },
    options: [
      { name: 'nanocents', value: 'N', about: 'what was spent' },
      { name: 'usd', value: 'USD', about: 'the same in dollars' },
    ],
    examples: ['nanocent settle "$id" --nanocents 45000000', 'nanocent settle "$id" --usd 0.00045'],
    load: () => import('./commands/settle.ts'),
  },
  {
    name: 'void',
    about: 'Free a reservation whose call was never billed',
    operands: { show: 'ID', min: 1, max: 1 },
    options: [],
    examples: ['nanocent void "$id"'],
    load: () => import('./commands/void.ts'),
  },
];

const proofs: readonly Command[] = [
  {
    name: 'explain',
    about: 'Show a charge line by line, with its price and its reservation',
    operands: { show: 'ID|last', min: 1, max: 1 },
    options: [],
    notes: ['The id of an entry, a call or a reservation; `last` is the latest call.'],
    examples: ['nanocent explain last', 'nanocent explain 019a9b3c-7d2e-7f00-8a11-3b5c6d7e8f90 --json'],
    load: () => import('./commands/explain.ts'),
  },
  {
    name: 'verify',
    about: 'Rebuild every balance from the journal, and compare',
    options: [
      { name: 'anchor', value: 'FILE', about: 'also compare with chain heads saved earlier' },
      { name: 'save-anchor', value: 'FILE', about: 'save the chain heads, to be kept outside' },
    ],
    notes: ['Ends with exit code 70 when anything does not agree.'],
    examples: [
      'nanocent verify',
      'nanocent verify --save-anchor heads.json',
      'nanocent verify --anchor heads.json',
    ],
    load: () => import('./commands/verify.ts'),
  },
  {
    name: 'doctor',
    about: 'Check the program, the ledger and its settings',
    options: [],
    examples: ['nanocent doctor'],
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'race',
    about: 'Watch 1,000 callers race for one budget of $5, one process killed half-way',
    options: [{ name: 'seed', value: 'N', about: 'the same calls as in the race of that seed' }],
    notes: [
      'Takes about ten seconds, needs no key and no network, and leaves nothing behind: four processes share a ledger of ' +
        'their own, and a provider that is played. Beside it the same calls under a model of check-then-act. Ends with ' +
        'exit code 70 if the limit or the books did not hold.',
    ],
    examples: ['nanocent race', 'nanocent race --json'],
    load: () => import('./commands/race.ts'),
  },
];

const service: readonly Command[] = [
  {
    name: 'serve',
    about: 'Run the gateway and its pages',
    options: [
      { name: 'host', value: 'ADDRESS', about: 'address to listen on; 127.0.0.1 when left out' },
      { name: 'port', value: 'N', about: 'port to listen on, 0 for any free one; 4141 when left out' },
      {
        name: 'unpriced',
        value: 'POLICY',
        about: 'a call without a known price under a cost limit: refuse, or allow and book as unpriced',
        choices: ['refuse', 'allow'],
      },
      { name: 'demo', about: 'a ledger of its own and a local provider, without keys or network' },
    ],
    examples: ['nanocent serve', 'nanocent serve --demo', 'nanocent serve --port 8080 --db-file team.sqlite'],
    load: () => import('./commands/serve.ts'),
  },
  {
    name: 'completions',
    about: 'Print a completion script for a shell',
    operands: { show: 'bash|zsh|fish', min: 1, max: 1 },
    options: [],
    notes: [
      'bash: eval "$(nanocent completions bash)"',
      'zsh: eval "$(nanocent completions zsh)"',
      'fish: nanocent completions fish | source',
    ],
    examples: ['nanocent completions bash > ~/.local/share/bash-completion/completions/nanocent'],
    load: () => import('./commands/completions.ts'),
  },
  {
    name: 'help',
    about: 'Show help for a command',
    operands: { show: '[COMMAND]', min: 0, max: 2 },
    options: [],
    examples: ['nanocent help track'],
    load: () => import('./commands/help.ts'),
  },
];

/** Every command, under the headings that help shows. */
export const commandGroups: readonly { readonly title: string; readonly commands: readonly Command[] }[] = [
  { title: 'Book and report', commands: booking },
  { title: 'Reserve and settle', commands: holds },
  { title: 'Coding agents', commands: agentCommands },
  { title: 'Limits', commands: limitCommands },
  { title: 'Allowances', commands: allowanceCommands },
  { title: 'Prepaid credit', commands: grantCommands },
  { title: 'Prices', commands: priceCommands },
  { title: 'Logs', commands: logCommands },
  { title: 'Projects and users', commands: directoryCommands },
  { title: 'Configuration', commands: configCommands },
  { title: 'Prove', commands: proofs },
  { title: 'Run', commands: service },
];

export const commands: readonly Command[] = commandGroups.flatMap((group) => group.commands);
