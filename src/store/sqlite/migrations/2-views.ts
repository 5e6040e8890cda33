import type { Migration } from '../migrate.ts';

const promptTokens = `CASE WHEN coalesce(e.input, e.cache_read, e.cache_write_5m, e.cache_write_1h, e.cache_write) IS NOT NULL
    THEN coalesce(e.input, 0) + coalesce(e.cache_read, 0) + coalesce(e.cache_write_5m, 0)
      + coalesce(e.cache_write_1h, 0) + coalesce(e.cache_write, 0) END`;

/** 8-4-4-4-12 lower-case hex of a 16-byte id. */
const uuid = (column: string) =>
  `lower(substr(hex(${column}), 1, 8) || '-' || substr(hex(${column}), 9, 4) || '-' || substr(hex(${column}), 13, 4)
    || '-' || substr(hex(${column}), 17, 4) || '-' || substr(hex(${column}), 21))`;

/** The shape that SQLite's own datetime() gives, so that the two compare as text. */
const instant = (column: string) => `datetime(${column} / 1000, 'unixepoch')`;

const usd = (column: string) => `${column} / 100000000000.0`;

/** Tables that a person may query: the names and columns that other usage trackers taught people. */
export const views: Migration = {
  id: 2,
  name: 'views',
  sql: `
CREATE VIEW accounting_entries AS SELECT
  ${uuid('e.id')} AS id,
  ${instant('e.at')} AS timestamp,
  ${instant('e.at')} AS datetime,
  e.at AS at_ms,
  e.model AS model,
  e.model AS model_name,
  e.requested_model AS requested_model,
  e.provider AS provider,
  e.endpoint AS endpoint,
  ${promptTokens} AS prompt_tokens,
  e.output AS completion_tokens,
  coalesce(e.total_tokens, ${promptTokens} + e.output) AS total_tokens,
  e.local_prompt_tokens AS local_prompt_tokens,
  e.local_completion_tokens AS local_completion_tokens,
  e.local_total_tokens AS local_total_tokens,
  e.cache_read AS cached_tokens,
  e.reasoning AS reasoning_tokens,
  ${usd('e.nanocents')} AS cost,
  e.nanocents AS cost_nanocents,
  e.cost_source AS cost_source,
  e.basis AS basis,
  e.execution_microseconds / 1000000.0 AS execution_time,
  e.caller AS caller_name,
  e.username AS username,
  e.project AS project,
  e.session AS session,
  e.purpose AS purpose,
  e.key AS "key",
  coalesce(e.tags, '{}') AS tags,
  e.kind AS kind,
  e.calls AS calls,
  e.call_id AS call_id,
  CASE WHEN e.reservation_id IS NOT NULL THEN ${uuid('e.reservation_id')} END AS reservation_id
FROM nanocent_entries AS e;

CREATE VIEW api_requests AS SELECT
  ${uuid('e.id')} AS id,
  e.model AS model_name,
  e.model AS model,
  e.username AS username,
  e.caller AS caller_name,
  ${promptTokens} AS input_tokens,
  e.output AS output_tokens,
  ${usd('e.nanocents')} AS cost,
  e.nanocents AS cost_nanocents,
  ${instant('e.at')} AS timestamp
FROM nanocent_entries AS e WHERE e.kind IN ('call', 'attempt', 'expiry');

CREATE VIEW llm_usage AS SELECT
  ${uuid('e.id')} AS id,
  e.endpoint AS path,
  e.model AS model,
  e.provider AS provider,
  e.purpose AS purpose,
  e.username AS actor_id,
  ${promptTokens} AS input_tokens,
  e.output AS output_tokens,
  e.at AS created
FROM nanocent_entries AS e WHERE e.kind IN ('call', 'attempt', 'expiry');

CREATE VIEW _llm_usage_provider AS SELECT id, name FROM nanocent_providers;

CREATE VIEW _llm_usage_model AS SELECT
  m.id AS id, m.name AS name, p.id AS provider_id
FROM nanocent_models AS m LEFT JOIN nanocent_providers AS p ON p.name = m.provider;

CREATE VIEW _llm_usage AS SELECT
  ${uuid('e.id')} AS id,
  e.at AS created,
  p.id AS provider_id,
  m.id AS model_id,
  e.purpose AS purpose,
  e.username AS actor_id,
  ${promptTokens} AS input_tokens,
  e.output AS output_tokens,
  e.nanocents / 1000 + (e.nanocents % 1000 > 0) AS credits
FROM nanocent_entries AS e
LEFT JOIN nanocent_providers AS p ON p.name = e.provider
LEFT JOIN nanocent_models AS m ON m.name = e.model AND m.provider IS e.provider
WHERE e.kind IN ('call', 'attempt', 'expiry');

CREATE VIEW usage_limits AS SELECT
  l.id AS id,
  l.body ->> '$.scope' AS scope,
  l.body ->> '$.type' AS limit_type,
  CASE WHEN l.body ->> '$.type' = 'cost' AND l.body ->> '$.max' <> '-1'
    THEN ${usd("CAST(l.body ->> '$.max' AS INTEGER)")}
    ELSE CAST(l.body ->> '$.max' AS REAL) END AS max_value,
  CAST(l.body ->> '$.max' AS INTEGER) AS max_exact,
  CASE l.body ->> '$.window.kind' WHEN 'calendar' THEN l.body ->> '$.window.unit'
    WHEN 'rolling' THEN l.body ->> '$.window.unit' || '_rolling'
    WHEN 'lifetime' THEN 'lifetime' END AS interval_unit,
  l.body ->> '$.window.count' AS interval_value,
  l.body ->> '$.window.zone' AS zone,
  l.body ->> '$.selector.model' AS model,
  l.body ->> '$.selector.model' AS model_name,
  l.body ->> '$.selector.provider' AS provider,
  l.body ->> '$.selector.username' AS username,
  l.body ->> '$.selector.caller' AS caller_name,
  l.body ->> '$.selector.project' AS project_name,
  l.body ->> '$.selector.key' AS "key",
  l.body ->> '$.selector.tag' AS tag,
  l.body ->> '$.enforcement' AS enforcement,
  l.body ->> '$.source' AS source,
  ${instant("CAST(l.body ->> '$.createdAt' AS INTEGER)")} AS created_at
FROM nanocent_limits AS l WHERE l.body ->> '$.endedAt' IS NULL;
`,
};

/** Every view that a person may query. */
export const publicViews = [
  'accounting_entries',
  'api_requests',
  'llm_usage',
  '_llm_usage',
  '_llm_usage_allowance',
  '_llm_usage_provider',
  '_llm_usage_model',
  'usage_limits',
  'audit_log_entries',
  'llm_usage_prompt_log',
] as const;
