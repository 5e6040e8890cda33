import type { Migration } from '../migrate.ts';

/**
 * Finds the row of a provider's response, so that an import books nothing that the gateway booked. By time first: response
 * ids are random, and an index in their order would write a page of its own for every call.
 */
export const responses: Migration = {
  id: 3,
  name: 'responses',
  sql: `
CREATE INDEX nanocent_entries_response ON nanocent_entries (at, response_id) WHERE response_id IS NOT NULL;
`,
};
