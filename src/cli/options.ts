import type { OptionSpec } from './command.ts';

/** Accepted before and after every command. */
export const globalOptions: readonly OptionSpec[] = [
  {
    name: 'db-backend',
    value: 'NAME',
    about: 'sqlite, postgresql, neon or mysql',
    choices: ['sqlite', 'postgresql', 'neon', 'mysql'],
  },
  { name: 'db-file', value: 'FILE', about: 'ledger file (NANOCENT_DB_FILE)' },
  { name: 'db-url', value: 'URL', about: 'ledger as a URL (NANOCENT_DB_URL)' },
  { name: 'neon-connection-string', value: 'URL', about: 'the same, for --db-backend neon' },
  { name: 'init', about: "create the ledger's tables in a database that holds other tables" },
  { name: 'config', value: 'FILE', about: 'configuration file (NANOCENT_CONFIG)' },
  { name: 'prices', value: 'FILE', about: 'own prices (NANOCENT_PRICES)' },
  { name: 'json', about: 'print one JSON document' },
  { name: 'csv', about: 'print CSV' },
  { name: 'quiet', short: 'q', about: 'print data and errors only' },
  { name: 'no-color', about: 'no colours (NO_COLOR)' },
  { name: 'help', short: 'h', about: 'show help' },
];

const model: OptionSpec = { name: 'model', value: 'NAME', about: 'model, as its provider names it' };

/** Who and what a call was for. */
export const attributionOptions: readonly OptionSpec[] = [
  { ...model, about: 'model, as its provider names it; required' },
  { name: 'provider', value: 'NAME', about: 'who served it, such as openai' },
  { name: 'username', also: ['user', 'user-name'], value: 'NAME', about: 'for whom' },
  { name: 'caller-name', also: ['caller'], value: 'NAME', about: 'by which application' },
  { name: 'project', also: ['project-name'], value: 'NAME', about: 'for which project' },
  { name: 'session', value: 'ID', about: 'in which session or conversation' },
  { name: 'purpose', value: 'NAME', about: 'what for' },
  { name: 'endpoint', value: 'PATH', about: 'route called, such as /v1/chat/completions' },
  { name: 'tag', value: 'NAME=VALUE', about: 'a tag; may be given several times', multiple: true },
];

export const filterOptions: readonly OptionSpec[] = [
  { ...model, about: 'only this model' },
  { name: 'provider', value: 'NAME', about: 'only this provider' },
  { name: 'username', also: ['user', 'user-name'], value: 'NAME', about: 'only this user' },
  { name: 'caller-name', also: ['caller'], value: 'NAME', about: 'only this application' },
  { name: 'project', also: ['project-name'], value: 'NAME', about: 'only this project' },
  { name: 'session', value: 'ID', about: 'only this session' },
  { name: 'purpose', value: 'NAME', about: 'only this purpose' },
  { name: 'key', value: 'ID', about: 'only this virtual key' },
];

export const countOptions: readonly OptionSpec[] = [
  count('prompt-tokens', 'all input, cached tokens included'),
  count('completion-tokens', 'all output, reasoning included'),
  count('total-tokens', 'their sum; computed when left out'),
  count('cached-tokens', 'input read from a cache, part of the prompt tokens'),
  count('cache-write-5m', 'input written to a 5-minute cache, part of the prompt tokens'),
  count('cache-write-1h', 'input written to a 1-hour cache, part of the prompt tokens'),
  count('reasoning-tokens', 'part of the completion tokens'),
  count('local-prompt-tokens', 'input as counted here'),
  count('local-completion-tokens', 'output as counted here'),
  count('local-total-tokens', 'their sum; computed when left out'),
  {
    name: 'count-prompt',
    value: 'FILE|-',
    about: 'a text to be counted here, instead of --local-prompt-tokens',
  },
  { name: 'count-completion', value: 'FILE', about: 'the same instead of --local-completion-tokens' },
  count('tool-calls', 'tool calls made'),
];

function count(name: string, about: string): OptionSpec {
  return { name, value: 'N', about };
}

export const limitFieldOptions: readonly OptionSpec[] = [
  { ...model, about: 'for this model' },
  { name: 'provider', value: 'NAME', about: 'for this provider' },
  { name: 'username', also: ['user', 'user-name'], value: 'NAME', about: 'for this user' },
  { name: 'caller-name', also: ['caller'], value: 'NAME', about: 'for this application' },
  { name: 'project', also: ['project-name'], value: 'NAME', about: 'for this project' },
  { name: 'key', value: 'ID', about: 'for this virtual key' },
  { name: 'session', value: 'ID', about: 'for this session' },
  { name: 'purpose', value: 'NAME', about: 'for this purpose' },
  { name: 'tag', value: 'NAME=VALUE', about: 'for calls with this tag; NAME alone is any value of it' },
];
