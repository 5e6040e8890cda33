import type { Migration } from '../migrate.ts';

/** Projects and users by name, compared by bytes. */
export const directory: Migration = {
  id: 3,
  name: 'directory',
  sql: `
CREATE TABLE nanocent_directory (
  kind text NOT NULL COLLATE "C",
  name text NOT NULL COLLATE "C",
  unit text,
  email text,
  enabled integer NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  enabled_at bigint NOT NULL,
  disabled_at bigint,
  version bigint NOT NULL,
  PRIMARY KEY (kind, name)
);
`,
};
