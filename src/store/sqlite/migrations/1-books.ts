import type { Migration } from '../migrate.ts';

const sums = `
  calls INTEGER NOT NULL,
  entries INTEGER NOT NULL,
  input INTEGER NOT NULL,
  cache_read INTEGER NOT NULL,
  cache_write INTEGER NOT NULL,
  output INTEGER NOT NULL,
  reasoning INTEGER NOT NULL,
  prompt_tokens INTEGER NOT NULL,
  total_tokens INTEGER NOT NULL,
  local_prompt_tokens INTEGER NOT NULL,
  local_completion_tokens INTEGER NOT NULL,
  local_total_tokens INTEGER NOT NULL,
  execution_microseconds INTEGER NOT NULL,
  unpriced_calls INTEGER NOT NULL,
  nanocents_high INTEGER NOT NULL,
  nanocents_low INTEGER NOT NULL`;

/**
 * Everything the books stand on. All names start with nanocent_, so that they can live beside another program's
 * tables. Ids are 16 bytes in ascending time, so that rows are appended and not scattered. Reservations and entries are
 * tables with a row number: a row of theirs is about a kilobyte, and without one SQLite moves what is longer than a
 * quarter of a page into a page of its own (5 kB written per reservation instead of 1.3).
 */
export const books: Migration = {
  id: 1,
  name: 'books',
  sql: `
CREATE TABLE nanocent_meta (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  ledger_id TEXT NOT NULL,
  zone TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  config_version INTEGER NOT NULL
) STRICT;

CREATE TABLE nanocent_limits (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;

CREATE TABLE nanocent_idempotency (
  name BLOB PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  answer TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE nanocent_reservations (
  id BLOB NOT NULL CHECK (length(id) = 16),
  state TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ended_at INTEGER,
  fence INTEGER NOT NULL,
  last_line INTEGER,
  terms TEXT NOT NULL,
  progress TEXT,
  draft TEXT
) STRICT;
CREATE UNIQUE INDEX nanocent_reservations_id ON nanocent_reservations (id);
CREATE INDEX nanocent_reservations_open ON nanocent_reservations (expires_at) WHERE state = 'open';

CREATE TABLE nanocent_accounts (
  key BLOB PRIMARY KEY CHECK (length(key) = 16),
  limit_id INTEGER NOT NULL,
  subject TEXT NOT NULL,
  measure TEXT NOT NULL,
  window_start INTEGER NOT NULL,
  window_end INTEGER,
  settled INTEGER NOT NULL,
  reserved INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE nanocent_chain_heads (
  chain INTEGER PRIMARY KEY,
  position INTEGER NOT NULL,
  number INTEGER NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  at INTEGER NOT NULL
) STRICT;
INSERT INTO nanocent_chain_heads VALUES (1, 0, 0, zeroblob(32), 0);

CREATE TABLE nanocent_links (
  number INTEGER PRIMARY KEY,
  first_position INTEGER NOT NULL,
  last_position INTEGER NOT NULL,
  at INTEGER NOT NULL,
  previous BLOB NOT NULL,
  hash BLOB NOT NULL
) STRICT;

CREATE TABLE nanocent_journal (position INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE nanocent_purges (position INTEGER PRIMARY KEY) STRICT;

CREATE TABLE nanocent_entries (
  line INTEGER PRIMARY KEY,
  id BLOB NOT NULL CHECK (length(id) = 16),
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  model TEXT NOT NULL,
  requested_model TEXT,
  provider TEXT,
  endpoint TEXT,
  caller TEXT,
  username TEXT,
  project TEXT,
  session TEXT,
  purpose TEXT,
  key TEXT,
  tags TEXT,
  input INTEGER,
  cache_read INTEGER,
  cache_write_5m INTEGER,
  cache_write_1h INTEGER,
  cache_write INTEGER,
  output INTEGER,
  reasoning INTEGER,
  usage_extra TEXT,
  total_tokens INTEGER,
  local_prompt_tokens INTEGER,
  local_completion_tokens INTEGER,
  local_total_tokens INTEGER,
  tool_calls INTEGER,
  nanocents INTEGER,
  cost_source TEXT NOT NULL,
  basis TEXT NOT NULL,
  price_id TEXT,
  charge TEXT,
  remark TEXT,
  execution_microseconds INTEGER,
  call_id TEXT NOT NULL,
  reservation_id BLOB,
  adjusts BLOB,
  response_id TEXT,
  raw_usage TEXT,
  calls INTEGER NOT NULL,
  salt TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX nanocent_entries_id ON nanocent_entries (id);
CREATE INDEX nanocent_entries_at ON nanocent_entries (at, id);
CREATE INDEX nanocent_entries_call ON nanocent_entries (call_id);
CREATE INDEX nanocent_entries_reservation ON nanocent_entries (reservation_id) WHERE reservation_id IS NOT NULL;

CREATE TABLE nanocent_providers (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX nanocent_providers_name ON nanocent_providers (name);
CREATE TABLE nanocent_models (id INTEGER PRIMARY KEY, name TEXT NOT NULL, provider TEXT) STRICT;
CREATE INDEX nanocent_models_name ON nanocent_models (name);

CREATE TABLE nanocent_rollup_narrow (
  chain INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,${sums},
  PRIMARY KEY (bucket, provider, model, chain)
) STRICT, WITHOUT ROWID;

CREATE TABLE nanocent_rollup_wide (
  chain INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  username TEXT NOT NULL,
  caller TEXT NOT NULL,
  project TEXT NOT NULL,
  key TEXT NOT NULL,
  model TEXT NOT NULL,${sums},
  PRIMARY KEY (bucket, username, caller, project, key, model, chain)
) STRICT, WITHOUT ROWID;
`,
};
