import type { Migration } from '../migrate.ts';

const max = "CAST(l.body ->> '$.max' AS INTEGER)";
const createdAt = "CAST(l.body ->> '$.createdAt' AS INTEGER)";
const anchor = "CAST(l.body ->> '$.window.anchor' AS INTEGER)";
const gridMs = "(CAST(l.body ->> '$.window.hours' AS INTEGER) * 3600000)";
const dayMs = 86_400_000;

/**
 * What is left of each provider's allowance, in credits rounded down. A day that began in another zone and had no call yet began at
 * a time that SQL cannot tell: it is NULL.
 */
export const allowanceView: Migration = {
  id: 5,
  name: 'allowance-view',
  sql: `
CREATE VIEW _llm_usage_allowance AS SELECT
  p.id AS provider_id,
  max(0, ${max} - coalesce(a.settled, 0) - coalesce(a.reserved, 0)) / 1000 AS credits_remaining,
  CASE l.body ->> '$.window.kind'
    WHEN 'grid' THEN c.now - (c.now - ${anchor}) % ${gridMs}
    WHEN 'lifetime' THEN ${createdAt}
    ELSE coalesce(a.window_start, CASE l.body ->> '$.window.zone' WHEN 'UTC' THEN c.now - c.now % ${dayMs} END)
  END / 1000 AS last_reset_timestamp,
  CASE WHEN l.body ->> '$.window.kind' <> 'lifetime' THEN ${max} / 1000 END AS daily_reset_amount
FROM nanocent_limits AS l
CROSS JOIN (SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS now) AS c
JOIN nanocent_providers AS p ON l.body ->> '$.selector.provider' IN (p.name, '*')
LEFT JOIN nanocent_accounts AS a ON a.limit_id = l.id AND a.subject ->> '$.provider' = p.name
  AND a.window_start <= c.now AND (a.window_end IS NULL OR c.now < a.window_end)
WHERE l.body ->> '$.kind' = 'allowance' AND l.body ->> '$.endedAt' IS NULL
  AND l.body -> '$.selector' = json_object('provider', l.body ->> '$.selector.provider');
`,
};
