import { count, sum } from '../counts.ts';
import type { JsonObject } from '../format.ts';
import type { Usage } from '../usage.ts';

type Writes = Pick<Usage, 'cacheWrite5m' | 'cacheWrite1h' | 'cacheWrite'>;

/**
 * What was written to the cache, by time to live. The total is the provider's latest; its split may be older (a
 * `message_delta` gives none, so the one of `start` stands). What the split does not cover went into the time to
 * live that is in use; with both or none in use it is unknown.
 */
export function cacheWrites(
  usage: JsonObject,
  start: JsonObject | null,
  whenAbsent: 0 | null,
  problems: string[],
): Writes {
  const fiveMinutes = count(usage, 'cache_creation.ephemeral_5m_input_tokens', problems);
  const oneHour = count(usage, 'cache_creation.ephemeral_1h_input_tokens', problems);
  const split = fiveMinutes === null && oneHour === null ? null : sum([fiveMinutes, oneHour]);
  const total = count(usage, 'cache_creation_input_tokens', problems) ?? split ?? whenAbsent;
  if (total === null) return { cacheWrite5m: null, cacheWrite1h: null, cacheWrite: null };
  const known = { cacheWrite5m: fiveMinutes ?? 0, cacheWrite1h: oneHour ?? 0, cacheWrite: 0 };
  if (split === null) return { cacheWrite5m: 0, cacheWrite1h: 0, cacheWrite: total };
  if (split === total) return known;
  const isOlder = start !== null && usage.cache_creation === start.cache_creation;
  if (split > total && !isOlder) {
    problems.push(`cache_creation sums to ${split}, more than cache_creation_input_tokens of ${total}`);
    return known;
  }
  if (known.cacheWrite1h === 0 && known.cacheWrite5m > 0) return { ...known, cacheWrite5m: total };
  if (known.cacheWrite5m === 0 && known.cacheWrite1h > 0) return { ...known, cacheWrite1h: total };
  return split < total
    ? { ...known, cacheWrite: total - split }
    : { cacheWrite5m: 0, cacheWrite1h: 0, cacheWrite: total };
}
