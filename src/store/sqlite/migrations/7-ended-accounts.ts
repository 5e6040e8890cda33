import type { Migration } from '../migrate.ts';

/** Finds counters of windows that are over, without looking at the others. */
export const endedAccounts: Migration = {
  id: 7,
  name: 'ended accounts',
  sql: `
CREATE INDEX nanocent_accounts_ended ON nanocent_accounts (limit_id, window_end) WHERE window_end IS NOT NULL;
`,
};
