import type { Migration } from '../migrate.ts';

/** What is to be done after a commit. A task's kind comes first in its indexes: each kind has its own worker. */
export const tasks: Migration = {
  id: 4,
  name: 'tasks',
  sql: `
CREATE TABLE nanocent_tasks (
  key TEXT NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  due_at INTEGER,
  attempts INTEGER NOT NULL,
  error TEXT,
  version INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX nanocent_tasks_key ON nanocent_tasks (key);
CREATE INDEX nanocent_tasks_due ON nanocent_tasks (kind, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX nanocent_tasks_latest ON nanocent_tasks (updated_at);
`,
};
