/**
 * The import law: who may know whom. One row per room; ARCHITECTURE.md shows the same in words, and
 * check-imports.ts holds every import of src/ against it. `errors` may be imported by every room.
 */
export interface Room {
  /** Rooms it may import; or single files, where a room's vocabulary is needed but not its rules. */
  readonly may: readonly string[];
  /** Rooms of which it may import types only. */
  readonly types?: readonly string[];
  /** Node's built-in modules: none, a list, or any. */
  readonly node?: readonly string[] | 'any';
  /** Packages from the registry. */
  readonly packages?: readonly string[];
  /** Reads no clock, environment, network or disk; what it needs of them comes in as an argument. */
  readonly pure?: true;
  /** Holds money: no floating-point arithmetic (check-purity.ts). */
  readonly exact?: true;
}

const inner = ['money', 'time', 'usage', 'prices', 'ledger', 'limits'];
const vocabulary = ['ledger/account.ts', 'ledger/journal.ts', 'limits/limit.ts'];
const middle = [...inner, 'store', 'core'];
const aboveCore = [...middle, 'meter', 'reports', 'logs', 'exchange', 'access', 'config'];
const shown = [...aboveCore, 'books'];

export const law: Readonly<Record<string, Room>> = {
  errors: { may: [], pure: true },
  money: { may: [], pure: true, exact: true },
  time: { may: [], pure: true },
  usage: { may: [], pure: true, packages: ['gpt-tokenizer'] },
  prices: { may: ['money', 'time', 'usage'], pure: true, exact: true },
  ledger: { may: ['money', 'time'], pure: true, exact: true, node: ['node:crypto'] },
  limits: { may: ['money', 'time', 'ledger/account.ts'], types: ['ledger'], pure: true },

  store: { may: ['money', 'time'], types: ['usage', 'ledger', 'limits'], node: ['node:crypto'] },
  'store/memory': {
    may: ['store', 'money', 'time', ...vocabulary],
    types: ['usage', 'ledger', 'limits'],
    node: ['node:crypto'],
  },
  'store/sqlite': {
    may: ['store', 'money', 'time', ...vocabulary],
    types: ['usage', 'ledger', 'limits'],
    node: 'any',
  },
  'store/server': {
    may: ['store', 'money', 'time', ...vocabulary],
    types: ['usage', 'ledger', 'limits'],
    node: ['node:crypto', 'node:timers/promises'],
  },
  'store/postgres': {
    may: ['store', 'store/server', 'money', 'time', ...vocabulary],
    types: ['usage', 'ledger', 'limits'],
    node: 'any',
    packages: ['pg'],
  },

  core: { may: [...inner, 'store'], node: 'any' },
  meter: {
    may: ['core', 'limits', 'usage', 'prices', 'money'],
    types: ['time'],
    node: 'any',
    packages: ['undici'],
  },
  reports: { may: ['store', 'money', 'time', 'prices', 'limits', 'ledger/account.ts'], types: ['ledger'] },
  logs: { may: ['store', 'time'], node: ['node:crypto'] },
  exchange: {
    may: ['core', 'reports', 'usage', 'prices', 'money', 'time', 'store'],
    types: ['ledger', 'limits'],
    node: 'any',
    packages: ['pg'],
  },
  access: { may: ['store', 'time'], node: ['node:crypto'] },
  config: {
    may: ['limits/limit.ts', 'limits/limit-key.ts'],
    types: shown,
    node: 'any',
    packages: ['yaml'],
  },
  books: {
    may: [...aboveCore, 'store/memory', 'store/sqlite', 'store/postgres'],
    node: 'any',
  },

  llm: { may: shown, node: 'any' },

  gateway: { may: shown, node: 'any', packages: ['undici'] },
  dashboard: { may: shown, node: 'any' },
  cli: { may: [...shown, 'gateway', 'dashboard'], node: 'any' },

  testing: { may: [...shown, 'store/memory', 'store/sqlite'], node: 'any' },
};

/** The rooms whose source is read by the longest matching folder: `store/sqlite` before `store`. */
export function roomOf(path: string): string | undefined {
  const parts = path.split('/');
  if (parts[0] !== 'src') return undefined;
  if (parts.length === 2) return 'index';
  const engine = `${parts[1]}/${parts[2]}`;
  return engine in law ? engine : parts[1];
}
