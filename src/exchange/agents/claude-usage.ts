import type { JsonObject } from '../../usage/format.ts';
import { messageCounts } from '../../usage/formats/anthropic.ts';
import { type Counts, callCountMax } from './message-table.ts';

/**
 * The counts of a usage object as Anthropic's API sends it: the same as the reader of its responses gives, which is asked
 * wherever anything is out of the ordinary. Anything that is no count makes all of them unknown.
 */
export function claudeCounts(usage: JsonObject): Counts {
  const output = countOf(usage.output_tokens);
  const input = countOf(usage.input_tokens);
  const cacheRead = countOf(usage.cache_read_input_tokens);
  const written = countOf(usage.cache_creation_input_tokens);
  const split = usage.cache_creation as JsonObject | null | undefined;
  const short = countOf(split?.ephemeral_5m_input_tokens);
  const long = countOf(split?.ephemeral_1h_input_tokens);
  const plain =
    usage.iterations === undefined && input !== null && output !== null && short !== null && long !== null;
  if (!plain || short + long !== written || [input, output, cacheRead, written].includes(broken))
    return slowly(usage);
  const details = usage.output_tokens_details as JsonObject | null | undefined;
  const tools = usage.server_tool_use as JsonObject | null | undefined;
  const reasoning = countOf(details?.thinking_tokens);
  const searches = countOf(tools?.web_search_requests);
  if (reasoning === broken || searches === broken || (reasoning ?? 0) > output) return slowly(usage);
  return {
    input,
    cacheRead: cacheRead ?? 0,
    cacheWrite5m: short,
    cacheWrite1h: long,
    cacheWrite: 0,
    output,
    reasoning,
    webSearch: searches ?? 0,
  };
}

const broken = -1;

/** null is "not said", −1 "no count". */
function countOf(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= callCountMax
    ? value
    : broken;
}

function slowly(usage: JsonObject): Counts {
  const problems: string[] = [];
  const { units, ...counts } = messageCounts(usage, null, problems);
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, cacheWrite, output, reasoning } = counts;
  const all = {
    input,
    cacheRead,
    cacheWrite5m,
    cacheWrite1h,
    cacheWrite,
    output,
    reasoning,
    webSearch: units.webSearch ?? 0,
  };
  return problems.length > 0 ? unknownCounts : all;
}

export const unknownCounts: Counts = {
  input: null,
  cacheRead: null,
  cacheWrite5m: null,
  cacheWrite1h: null,
  cacheWrite: null,
  output: null,
  reasoning: null,
  webSearch: 0,
};
