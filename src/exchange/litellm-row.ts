import { nearestUsd } from '../money/index.ts';
import { canonicalProvider } from '../prices/index.ts';
import { type Usage, unknownUsage } from '../usage/usage.ts';
import { foreignCount, foreignInstant, foreignObject, foreignText } from './foreign-values.ts';
import { type ImportedCall, providerId, responseIdentity, unsaid } from './imported-call.ts';

type Row = Readonly<Record<string, unknown>>;

/**
 * A row of LiteLLM_SpendLogs (schema.prisma, checked 2026-11-22). Times without a zone are UTC; `prompt_tokens` has all cached
 * tokens in it. A spend of 0 for tokens that no cache served is how LiteLLM writes "not known" (its issue 37923): such a call is
 * priced by the catalog, as all are with `reprice`.
 */
export function litellmCall(row: Row, options: { readonly reprice: boolean }, where: string): ImportedCall {
  const requestId = foreignText(row.request_id) ?? foreignText(row.id);
  const responseId = providerId(requestId);
  const at = foreignInstant(row.startTime ?? row.start_time, 'UTC', 'startTime');
  const endTime = row.endTime ?? row.end_time;
  const metadata = foreignObject(row.metadata) ?? {};
  const usage = usageOf(row, metadata);
  const fromCache = /^true$/i.test(foreignText(row.cache_hit) ?? String(row.cache_hit ?? ''));
  const nanocents = options.reprice && !fromCache ? null : spendOf(row, usage, fromCache);
  const served = foreignText(row.model) ?? '';
  const asked = foreignText(row.model_group);
  const provider = foreignText(row.custom_llm_provider);
  return {
    ...unsaid,
    identity:
      responseId === null
        ? `litellm\n${requestId}\n${at}\n${served}\n${usage.input}\n${usage.output}`
        : responseIdentity(responseId),
    where,
    responseId,
    at,
    model: served,
    requestedModel: asked === served ? null : asked,
    provider: provider === null ? null : canonicalProvider(provider),
    usage,
    nanocents,
    remark: remarkOf(nanocents, fromCache, options.reprice),
    executionMicroseconds: tookMicroseconds(at, endTime),
    username:
      foreignText(row.user) ?? foreignText(row.end_user) ?? foreignText(metadata.user_api_key_user_id),
    caller: foreignText(row.agent_id) ?? 'litellm',
    project: foreignText(row.team_id),
    session: foreignText(row.session_id),
    key: foreignText(row.api_key),
    tags: tagsOf(row, metadata),
    rawUsage: metadata.usage_object === undefined ? null : JSON.stringify(metadata.usage_object),
  };
}

function usageOf(row: Row, metadata: Row): Usage {
  const prompt = foreignCount(row.prompt_tokens, 'prompt_tokens');
  const output = foreignCount(row.completion_tokens, 'completion_tokens');
  const said = foreignObject(metadata.usage_object) ?? {};
  const further = foreignObject(metadata.additional_usage_values) ?? {};
  const inputs =
    foreignObject(said.prompt_tokens_details) ?? foreignObject(further.prompt_tokens_details) ?? {};
  const outputs =
    foreignObject(said.completion_tokens_details) ?? foreignObject(further.completion_tokens_details) ?? {};
  const either = (name: string) => foreignCount(said[name] ?? further[name], name);
  const read = either('cache_read_input_tokens') ?? foreignCount(inputs.cached_tokens, 'cached_tokens') ?? 0;
  const written = either('cache_creation_input_tokens') ?? 0;
  const reasoning = foreignCount(outputs.reasoning_tokens, 'reasoning_tokens');
  // Older versions left Anthropic's cached tokens out of the prompt's.
  const within = prompt !== null && read + written <= prompt;
  return {
    ...unknownUsage,
    input: prompt === null ? null : within ? prompt - read - written : prompt,
    cacheRead: prompt === null ? null : read,
    cacheWrite5m: prompt === null ? null : 0,
    cacheWrite1h: prompt === null ? null : 0,
    cacheWrite: prompt === null ? null : written,
    output,
    reasoning: reasoning === null || (output !== null && reasoning <= output) ? reasoning : null,
  };
}

function spendOf(row: Row, usage: Usage, fromCache: boolean): bigint | null {
  if (fromCache) return 0n;
  if (row.spend === undefined || row.spend === null || row.spend === '') return null;
  const spend = nearestUsd(row.spend as number | string, { field: 'spend' });
  const hasTokens = [usage.input, usage.cacheRead, usage.cacheWrite, usage.output].some(
    (count) => (count ?? 0) > 0,
  );
  return spend === 0n && hasTokens ? null : spend;
}

function remarkOf(nanocents: bigint | null, fromCache: boolean, reprice: boolean): string {
  if (fromCache) return "from LiteLLM's spend log, answered from its cache";
  if (nanocents !== null) return "from LiteLLM's spend log, counts and spend as it says";
  return reprice
    ? "from LiteLLM's spend log, counts as it says"
    : "from LiteLLM's spend log, counts as it says, its spend is 0 or missing";
}

function tookMicroseconds(at: number, endTime: unknown): number | null {
  if (endTime === undefined || endTime === null || endTime === '') return null;
  const took = foreignInstant(endTime, 'UTC', 'endTime') - at;
  const dayMs = 86_400_000;
  return took >= 0 && took <= dayMs ? took * 1000 : null;
}

function tagsOf(row: Row, metadata: Row): Record<string, string> {
  const tags: Record<string, string> = {};
  const endUser = foreignText(row.end_user);
  const alias = foreignText(metadata.user_api_key_alias);
  const requested = typeof row.request_tags === 'string' ? parseList(row.request_tags) : row.request_tags;
  if (endUser !== null) tags.end_user = endUser;
  if (alias !== null) tags.key_alias = alias;
  if (Array.isArray(requested) && requested.length > 0) tags.request_tags = requested.map(String).join(',');
  return tags;
}

function parseList(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // One bare tag.
    return text === '' ? [] : [text];
  }
}
