import { textAt } from './counts.ts';
import type { JsonObject } from './format.ts';
import type { ServedTerms } from './reading.ts';

/** The tier a response says it was served on (`service_tier`), lower case; nothing when it is the standard. */
export function servedTerms(json: JsonObject): ServedTerms {
  return tierTerms(textAt(json, 'service_tier'));
}

export function tierTerms(tier: string | null): ServedTerms {
  const name = tier?.toLowerCase() ?? 'standard';
  return standardTiers.includes(name) ? {} : { tier: name };
}

/** Words for "nothing special". `auto` is a wish: a response that still says it does not say what was served. */
const standardTiers: readonly string[] = [
  'standard',
  'default',
  'auto',
  'on_demand',
  'unspecified',
  'standard_only',
];
