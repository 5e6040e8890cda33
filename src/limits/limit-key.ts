import { NanocentError } from '../errors/error.ts';
import { nearest } from '../errors/nearest.ts';
import { type LimitScope, type LimitType, limitTypes, type Selector, type SelectorField } from './limit.ts';

/** A limit in one word: `daily_tokens`, `hourly_requests`, `monthly_rolling_cost`, `lifetime_cost`, `concurrent_requests`. */
export interface LimitKey {
  readonly limitType: LimitType;
  /** Left out for concurrent requests. */
  readonly intervalUnit?: string;
}

const intervals = ['minutely', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'];
const prefixes = [...intervals, ...intervals.map((name) => `${name}_rolling`), 'lifetime'];
/** `tokens` alone is input and output together, as in the seeds. */
const typeWords: Readonly<Record<string, LimitType>> = {
  tokens: 'total_tokens',
  ...Object.fromEntries(
    limitTypes.filter((type) => type !== 'concurrent_requests').map((type) => [type, type]),
  ),
};

const known: ReadonlyMap<string, LimitKey> = new Map([
  ...prefixes.flatMap((intervalUnit) =>
    Object.entries(typeWords).map(([word, limitType]): [string, LimitKey] => [
      `${intervalUnit}_${word}`,
      { limitType, intervalUnit },
    ]),
  ),
  ['concurrent_requests', { limitType: 'concurrent_requests' }],
]);

/** Throws limit_invalid with the nearest known word. Any case, and hyphens for underscores. */
export function parseLimitKey(word: string): LimitKey {
  const wanted = word.toLowerCase().replaceAll('-', '_');
  const found = known.get(wanted);
  if (found) return found;
  const near = nearest(wanted, known.keys());
  throw new NanocentError('limit_invalid', `${JSON.stringify(word.slice(0, 64))} is no limit`, {
    field: word.slice(0, 64),
    fix: near
      ? `did you mean ${near}?`
      : 'write it as interval and type, such as daily_tokens or monthly_cost',
  });
}

/** Which field gives a limit its scope where several are fixed: who goes before what. */
const scopeOrder: readonly (readonly [SelectorField, LimitScope])[] = [
  ['key', 'KEY'],
  ['username', 'USER'],
  ['caller', 'CALLER'],
  ['project', 'PROJECT'],
  ['session', 'SESSION'],
  ['purpose', 'PURPOSE'],
  ['tag', 'TAG'],
  ['model', 'MODEL'],
  ['provider', 'PROVIDER'],
];

/** The scope of a limit that names its fields only. */
export function scopeOf(selector: Selector): LimitScope {
  return scopeOrder.find(([field]) => selector[field] !== undefined)?.[1] ?? 'GLOBAL';
}
