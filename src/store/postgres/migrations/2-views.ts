import type { Migration } from '../migrate.ts';

const promptTokens = `CASE WHEN coalesce(e.input, e.cache_read, e.cache_write_5m, e.cache_write_1h, e.cache_write) IS NOT NULL
    THEN coalesce(e.input, 0) + coalesce(e.cache_read, 0) + coalesce(e.cache_write_5m, 0)
      + coalesce(e.cache_write_1h, 0) + coalesce(e.cache_write, 0) END`;

/** A timestamp in UTC, whole seconds. */
const instant = (column: string) => `(to_timestamp(${column} / 1000) AT TIME ZONE 'UTC')`;

/** Exact: a product, because a quotient of two numerics has only so many digits. */
const usd = (column: string) => `${column} * 0.00000000001`;

const text = (path: string) => `l.body ->> '${path}'`;
const inside = (outer: string, inner: string) => `l.body -> '${outer}' ->> '${inner}'`;
const number = (expression: string) => `(${expression})::bigint`;

const max = number(text('max'));
const gridMs = `(${number(inside('window', 'hours'))} * 3600000)`;
const dayMs = 86_400_000;

/** Tables that a person may query: the names and columns that other usage trackers taught people, the same on every engine. */
export const views: Migration = {
  id: 2,
  name: 'views',
  sql: `
CREATE VIEW accounting_entries AS SELECT
  e.id::text AS id,
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
  e.execution_microseconds * 0.000001 AS execution_time,
  e.caller AS caller_name,
  e.username AS username,
  e.project AS project,
  e.session AS session,
  e.purpose AS purpose,
  e.key AS key,
  coalesce(e.tags, '{}') AS tags,
  e.kind AS kind,
  e.calls AS calls,
  e.call_id AS call_id,
  e.reservation_id::text AS reservation_id
FROM nanocent_entries AS e;

CREATE VIEW api_requests AS SELECT
  e.id::text AS id,
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
  e.id::text AS id,
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
  e.id::text AS id,
  e.at AS created,
  p.id AS provider_id,
  m.id AS model_id,
  e.purpose AS purpose,
  e.username AS actor_id,
  ${promptTokens} AS input_tokens,
  e.output AS output_tokens,
  e.nanocents / 1000 + CASE WHEN e.nanocents % 1000 > 0 THEN 1 ELSE 0 END AS credits
FROM nanocent_entries AS e
LEFT JOIN nanocent_providers AS p ON p.name = e.provider
LEFT JOIN nanocent_models AS m ON m.name = e.model AND m.provider IS NOT DISTINCT FROM e.provider
WHERE e.kind IN ('call', 'attempt', 'expiry');

CREATE VIEW usage_limits AS SELECT
  l.id AS id,
  ${text('scope')} AS scope,
  ${text('type')} AS limit_type,
  CASE WHEN ${text('type')} = 'cost' AND ${text('max')} <> '-1'
    THEN ${usd(max)} ELSE (${text('max')})::numeric END AS max_value,
  ${max} AS max_exact,
  CASE ${inside('window', 'kind')} WHEN 'calendar' THEN ${inside('window', 'unit')}
    WHEN 'rolling' THEN ${inside('window', 'unit')} || '_rolling'
    WHEN 'lifetime' THEN 'lifetime' END AS interval_unit,
  ${number(inside('window', 'count'))} AS interval_value,
  ${inside('window', 'zone')} AS zone,
  ${inside('selector', 'model')} AS model,
  ${inside('selector', 'model')} AS model_name,
  ${inside('selector', 'provider')} AS provider,
  ${inside('selector', 'username')} AS username,
  ${inside('selector', 'caller')} AS caller_name,
  ${inside('selector', 'project')} AS project_name,
  ${inside('selector', 'key')} AS key,
  ${inside('selector', 'tag')} AS tag,
  ${text('enforcement')} AS enforcement,
  ${text('source')} AS source,
  ${instant(number(text('createdAt')))} AS created_at
FROM (SELECT id, body::jsonb AS body FROM nanocent_limits) AS l WHERE ${text('endedAt')} IS NULL;

CREATE VIEW _llm_usage_allowance AS SELECT
  p.id AS provider_id,
  greatest(0, ${max} - coalesce(a.settled, 0) - coalesce(a.reserved, 0)) / 1000 AS credits_remaining,
  CASE ${inside('window', 'kind')}
    WHEN 'grid' THEN c.now - (c.now - ${number(inside('window', 'anchor'))}) % ${gridMs}
    WHEN 'lifetime' THEN ${number(text('createdAt'))}
    ELSE coalesce(a.window_start, CASE ${inside('window', 'zone')} WHEN 'UTC' THEN c.now - c.now % ${dayMs} END)
  END / 1000 AS last_reset_timestamp,
  CASE WHEN ${inside('window', 'kind')} <> 'lifetime' THEN ${max} / 1000 END AS daily_reset_amount
FROM (SELECT id, body::jsonb AS body FROM nanocent_limits) AS l
CROSS JOIN (SELECT floor(extract(epoch FROM statement_timestamp()) * 1000)::bigint AS now) AS c
JOIN nanocent_providers AS p ON ${inside('selector', 'provider')} IN (p.name, '*')
LEFT JOIN nanocent_accounts AS a ON a.limit_id = l.id AND a.subject::jsonb ->> 'provider' = p.name
  AND a.window_start <= c.now AND (a.window_end IS NULL OR c.now < a.window_end)
WHERE ${text('kind')} = 'allowance' AND ${text('endedAt')} IS NULL
  AND l.body -> 'selector' = jsonb_build_object('provider', ${inside('selector', 'provider')});

CREATE VIEW audit_log_entries AS SELECT
  id::text AS id, ${instant('at')} AS timestamp,
  app AS app_name, username AS user_name, model, prompt_text, response_text, remote_completion_id, project, session,
  type AS log_type, call_id
FROM nanocent_audit;

CREATE VIEW llm_usage_prompt_log AS SELECT
  id::text AS id, ${instant('at')} AS timestamp,
  at AS created, model, purpose, username AS actor_id, prompt, response, input_tokens, output_tokens,
  coalesce(jsonb_array_length(tool_calls::jsonb), 0) AS tools_used, tool_calls, tool_results
FROM nanocent_prompts WHERE sealed = 0;
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
