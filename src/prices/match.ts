import { canonicalProvider } from './provider-names.ts';

export type MatchedBy = 'exact' | 'alias' | 'dated' | 'prefix';

export interface KeyCandidate {
  readonly key: string;
  readonly matchedBy: MatchedBy;
}

/** Ids longer than this match nothing (the longest known has 101 characters, an ARN up to 2,048). */
const idCharactersMax = 2_048;

/**
 * The keys to look a model up by, most specific first: as written, without what names a route to it, without the
 * date of a snapshot, without both. Each is one exact look-up, so no model is found for merely resembling another.
 */
export function keysFor(model: string, provider: string): KeyCandidate[] {
  if (model.length > idCharactersMax) return [];
  const written = model.trim().toLowerCase();
  const bare = routes(written, provider);
  const keys: KeyCandidate[] = [{ key: written, matchedBy: 'exact' }];
  for (const key of bare) add(keys, key, 'prefix');
  for (const key of [written, ...bare]) for (const base of undated(key, provider)) add(keys, base, 'dated');
  return keys;
}

function add(keys: KeyCandidate[], key: string, matchedBy: MatchedBy): void {
  if (key !== '' && !keys.some((candidate) => candidate.key === key)) keys.push({ key, matchedBy });
}

/** The same id without prefixes that say how it is reached, shortest last. */
function routes(id: string, provider: string): string[] {
  const found: string[] = [];
  let rest = fineTuneBase(id);
  if (rest !== id) found.push(rest);
  for (let step = 0; step < 4; step++) {
    const next = withoutPrefix(rest, provider);
    if (next === rest) break;
    rest = next;
    found.push(rest);
  }
  return found;
}

function withoutPrefix(id: string, provider: string): string {
  const resource =
    /^(?:projects\/|publishers\/|models\/|arn:aws).*(?:models|model|profile)\/([^/]+)$|^models\/([^/]+)$/.exec(
      id,
    );
  if (resource !== null) return resource[1] ?? resource[2]!;
  if (provider === 'bedrock') return withoutBedrockPrefix(id);
  const slash = id.indexOf('/');
  return slash > 0 && canonicalProvider(id.slice(0, slash)) === provider ? id.slice(slash + 1) : id;
}

/** `us.anthropic.claude-…-v1:0`: the geography, then the maker, then the version of the hosting. */
function withoutBedrockPrefix(id: string): string {
  const plain = id.replace(/^(bedrock|aws)\/(converse\/)?/, '').replace(/-v\d+(:\d+)?(:\d+k)?$/, '');
  if (plain !== id) return plain;
  const regional = id.replace(/^(us-gov|us|eu|apac|au|ca|in|jp|sa)\./, '');
  return regional !== id
    ? regional
    : id.replace(/^(amazon|anthropic|cohere|meta|mistral|deepseek|openai|qwen|writer)\./, '');
}

/** `ft:gpt-4o-mini-2024-07-18:acme::id` is priced as `ft:gpt-4o-mini-2024-07-18`. */
function fineTuneBase(id: string): string {
  return id.startsWith('ft:') ? id.split(':').slice(0, 2).join(':') : id;
}

/** Ways to write the date of a snapshot. Four digits alone are never a date here: mistral's -2407 and -2512 differ in price. */
const anyDates: readonly RegExp[] = [
  /[-@:]20\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/,
  /[-@:]20\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(-v\d+)?$/,
];
/** Google numbers its snapshots: -001, -002, and dates previews as -05-20 or -09-2025. */
const googleDates: readonly RegExp[] = [/-0\d{2}$/, /(?<=-(preview|exp))-(0[1-9]|1[0-2])-(\d{2}|20\d{2})$/];

function undated(id: string, provider: string): string[] {
  const patterns = provider === 'google' ? [...anyDates, ...googleDates] : anyDates;
  return patterns.map((pattern) => id.replace(pattern, '')).filter((base) => base !== id);
}

/** Up to `max` known ids near one that was not found: same beginning first, then fewest edits. For messages only. */
export function nearestIds(model: string, known: Iterable<string>, max = 3): string[] {
  const wanted = lettersOf(model.trim().toLowerCase().slice(0, 100));
  const scored: { id: string; score: number }[] = [];
  for (const id of known) {
    const letters = lettersOf(id);
    const shared = commonPrefix(wanted, letters);
    const apart =
      wanted.length < letters.length ? letters.length - wanted.length : wanted.length - letters.length;
    if (shared >= 4) scored.push({ id, score: shared * 2 - apart });
  }
  scored.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
  return scored.slice(0, max).map(({ id }) => id);
}

/** Hyphens, dots and slashes are what people leave out or put elsewhere: gpt4o, claude_sonnet-4.5. */
function lettersOf(id: string): string {
  return id.replace(/[^a-z0-9]/g, '');
}

function commonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
