import type { Migration } from '../migrate.ts';

/** The audit log and the prompt log, and what a person may query of them. */
export const logs: Migration = {
  id: 6,
  name: 'logs',
  sql: `
CREATE TABLE nanocent_audit (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  app TEXT,
  username TEXT,
  model TEXT,
  prompt_text TEXT,
  response_text TEXT,
  remote_completion_id TEXT,
  project TEXT,
  session TEXT,
  call_id TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX nanocent_audit_at ON nanocent_audit (at, id);

CREATE TABLE nanocent_prompts (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  at INTEGER NOT NULL,
  call_id TEXT NOT NULL,
  model TEXT NOT NULL,
  purpose TEXT,
  username TEXT,
  key TEXT,
  project TEXT,
  prompt TEXT,
  response TEXT,
  tool_calls TEXT,
  tool_results TEXT,
  input_tokens INTEGER,
  output_tokens INTEGER,
  sealed INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX nanocent_prompts_at ON nanocent_prompts (at, id, bytes);
CREATE INDEX nanocent_prompts_user ON nanocent_prompts (username, at) WHERE username IS NOT NULL;

CREATE VIEW audit_log_entries AS SELECT
  lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-' || substr(hex(id), 13, 4) || '-' ||
    substr(hex(id), 17, 4) || '-' || substr(hex(id), 21)) AS id,
  strftime('%Y-%m-%d %H:%M:%S', at / 1000, 'unixepoch') AS timestamp,
  app AS app_name, username AS user_name, model, prompt_text, response_text, remote_completion_id, project, session,
  type AS log_type, call_id
FROM nanocent_audit;

CREATE VIEW llm_usage_prompt_log AS SELECT
  lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-' || substr(hex(id), 13, 4) || '-' ||
    substr(hex(id), 17, 4) || '-' || substr(hex(id), 21)) AS id,
  strftime('%Y-%m-%d %H:%M:%S', at / 1000, 'unixepoch') AS timestamp,
  at AS created, model, purpose, username AS actor_id, prompt, response, input_tokens, output_tokens,
  coalesce(json_array_length(tool_calls), 0) AS tools_used, tool_calls, tool_results
FROM nanocent_prompts WHERE sealed = 0;
`,
};
