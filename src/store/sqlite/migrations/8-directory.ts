import type { Migration } from '../migrate.ts';

/** Projects and users by name. */
export const directory: Migration = {
  id: 8,
  name: 'directory',
  sql: `
CREATE TABLE nanocent_directory (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  unit TEXT,
  email TEXT,
  enabled INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  enabled_at INTEGER NOT NULL,
  disabled_at INTEGER,
  version INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
`,
};
