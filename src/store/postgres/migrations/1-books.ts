import type { Migration } from '../migrate.ts';

const sums = `
  calls bigint NOT NULL,
  entries bigint NOT NULL,
  input bigint NOT NULL,
  cache_read bigint NOT NULL,
  cache_write bigint NOT NULL,
  output bigint NOT NULL,
  reasoning bigint NOT NULL,
  prompt_tokens bigint NOT NULL,
  total_tokens bigint NOT NULL,
  local_prompt_tokens bigint NOT NULL,
  local_completion_tokens bigint NOT NULL,
  local_total_tokens bigint NOT NULL,
  execution_microseconds bigint NOT NULL,
  unpriced_calls bigint NOT NULL,
  nanocents numeric NOT NULL`;

/**
 * Everything the books stand on. Texts of callers may have 1,024 bytes, and an index of PostgreSQL takes 2,704: where several
 * of them make a key, its first 16 bytes of SHA-256 do. Rows of accounts, holds, heads and rollups change often: their pages
 * keep room for it, so that no index has to follow.
 */
export const books: Migration = {
  id: 1,
  name: 'books',
  sql: `
CREATE TABLE nanocent_meta (
  id integer PRIMARY KEY CHECK (id = 1),
  ledger_id text NOT NULL,
  zone text NOT NULL,
  created_at bigint NOT NULL,
  config_version bigint NOT NULL
);

CREATE TABLE nanocent_limits (id bigint PRIMARY KEY, body text NOT NULL);

CREATE TABLE nanocent_idempotency (
  name bytea PRIMARY KEY,
  fingerprint text NOT NULL,
  answer text NOT NULL,
  at bigint NOT NULL
);

CREATE TABLE nanocent_reservations (
  id uuid PRIMARY KEY,
  state text NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  ended_at bigint,
  fence bigint NOT NULL,
  last_line bigint,
  terms text NOT NULL,
  progress text,
  draft text,
  last_chain bigint
) WITH (fillfactor = 70);
CREATE INDEX nanocent_reservations_open ON nanocent_reservations (expires_at, id) WHERE state = 'open';

CREATE TABLE nanocent_accounts (
  key bytea PRIMARY KEY CHECK (length(key) = 16),
  limit_id bigint NOT NULL,
  subject text NOT NULL,
  measure text NOT NULL,
  window_start bigint NOT NULL,
  window_end bigint,
  settled bigint NOT NULL,
  reserved bigint NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX nanocent_accounts_ended ON nanocent_accounts (limit_id, window_end);

CREATE TABLE nanocent_chain_heads (
  chain integer PRIMARY KEY,
  position bigint NOT NULL,
  number bigint NOT NULL,
  hash bytea NOT NULL CHECK (length(hash) = 32),
  at bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO nanocent_chain_heads
  SELECT chain, 0, 0, decode(repeat('00', 32), 'hex'), 0 FROM generate_series(1, 16) AS chain;

CREATE TABLE nanocent_links (
  chain integer NOT NULL,
  number bigint NOT NULL,
  first_position bigint NOT NULL,
  last_position bigint NOT NULL,
  at bigint NOT NULL,
  previous bytea NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (chain, number)
);

CREATE TABLE nanocent_journal (
  chain integer NOT NULL,
  position bigint NOT NULL,
  body text NOT NULL,
  PRIMARY KEY (chain, position)
);
CREATE TABLE nanocent_purges (chain integer NOT NULL, position bigint NOT NULL, PRIMARY KEY (chain, position));

CREATE TABLE nanocent_entries (
  id uuid PRIMARY KEY,
  chain integer NOT NULL,
  line bigint NOT NULL,
  kind text NOT NULL,
  at bigint NOT NULL,
  recorded_at bigint NOT NULL,
  model text NOT NULL,
  requested_model text,
  provider text,
  endpoint text,
  caller text,
  username text,
  project text,
  session text,
  purpose text,
  key text,
  tags text,
  input bigint,
  cache_read bigint,
  cache_write_5m bigint,
  cache_write_1h bigint,
  cache_write bigint,
  output bigint,
  reasoning bigint,
  usage_extra text,
  total_tokens bigint,
  local_prompt_tokens bigint,
  local_completion_tokens bigint,
  local_total_tokens bigint,
  tool_calls bigint,
  nanocents bigint,
  cost_source text NOT NULL,
  basis text NOT NULL,
  price_id text,
  charge text,
  remark text,
  execution_microseconds bigint,
  call_id text NOT NULL,
  reservation_id uuid,
  adjusts uuid,
  response_id text,
  raw_usage text,
  calls bigint NOT NULL,
  salt text NOT NULL
);
CREATE UNIQUE INDEX nanocent_entries_line ON nanocent_entries (chain, line);
CREATE INDEX nanocent_entries_at ON nanocent_entries (at, id);
CREATE INDEX nanocent_entries_call ON nanocent_entries (left(call_id, 64));
CREATE INDEX nanocent_entries_reservation ON nanocent_entries (reservation_id) WHERE reservation_id IS NOT NULL;
CREATE INDEX nanocent_entries_response ON nanocent_entries (at, left(response_id, 64)) WHERE response_id IS NOT NULL;

CREATE TABLE nanocent_providers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  hash bytea NOT NULL UNIQUE,
  name text NOT NULL
);
CREATE TABLE nanocent_models (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  hash bytea NOT NULL UNIQUE,
  name text NOT NULL,
  provider text
);

CREATE TABLE nanocent_rollup_narrow (
  chain integer NOT NULL,
  bucket bigint NOT NULL,
  hash bytea NOT NULL,
  provider text,
  model text,${sums},
  PRIMARY KEY (bucket, hash, chain)
) WITH (fillfactor = 70);

CREATE TABLE nanocent_rollup_wide (
  chain integer NOT NULL,
  bucket bigint NOT NULL,
  hash bytea NOT NULL,
  username text,
  caller text,
  project text,
  key text,
  model text,${sums},
  PRIMARY KEY (bucket, hash, chain)
) WITH (fillfactor = 70);

CREATE TABLE nanocent_tasks (
  key text COLLATE "C" PRIMARY KEY,
  kind text NOT NULL,
  body text NOT NULL,
  due_at bigint,
  attempts bigint NOT NULL,
  error text,
  version bigint NOT NULL,
  updated_at bigint NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX nanocent_tasks_due ON nanocent_tasks (kind, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX nanocent_tasks_latest ON nanocent_tasks (updated_at);

CREATE TABLE nanocent_audit (
  id uuid PRIMARY KEY,
  at bigint NOT NULL,
  type text NOT NULL,
  app text,
  username text,
  model text,
  prompt_text text,
  response_text text,
  remote_completion_id text,
  project text,
  session text,
  call_id text
);
CREATE INDEX nanocent_audit_at ON nanocent_audit (at, id);

CREATE TABLE nanocent_prompts (
  id uuid PRIMARY KEY,
  at bigint NOT NULL,
  call_id text NOT NULL,
  model text NOT NULL,
  purpose text,
  username text,
  key text,
  project text,
  prompt text,
  response text,
  tool_calls text,
  tool_results text,
  input_tokens bigint,
  output_tokens bigint,
  sealed bigint NOT NULL,
  bytes bigint NOT NULL
);
CREATE INDEX nanocent_prompts_at ON nanocent_prompts (at, id, bytes);
CREATE INDEX nanocent_prompts_user ON nanocent_prompts (left(username, 64), at) WHERE username IS NOT NULL;
`,
};
