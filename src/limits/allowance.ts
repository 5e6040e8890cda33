import { NanocentError } from '../errors/error.ts';
import { parseCredits, parseUsd } from '../money/index.ts';
import type { WindowRule } from '../time/index.ts';
import {
  type Limit,
  type LimitDraft,
  type LimitScope,
  type Selector,
  type SelectorField,
  selectorFields,
} from './limit.ts';
import { checkLimit } from './parse-limit.ts';

/**
 * How often an allowance is filled up again: `day`, at midnight in its zone; `24h`, every 24 hours from when it was first set;
 * `never`, so that it is spent once.
 */
export const refills = ['day', '24h', 'never'] as const;
/** How often an allowance is filled up again. */
export type Refill = (typeof refills)[number];

/** Money for whoever its fields name, filled up again as `every` says. A field that is `*` gives each value its own. */
export interface AllowanceInput extends Partial<Record<SelectorField, string | undefined>> {
  /** Credits of 1,000 nanocents. Exactly one of `credits` and `usd`. */
  readonly credits?: string | number | undefined;
  readonly usd?: string | number | undefined;
  /** `day` when left out. */
  readonly every?: Refill | undefined;
  /** IANA zone of its days; the ledger's when left out. */
  readonly zone?: string | undefined;
  /** Absolute path, where a file sets it. */
  readonly file?: string | undefined;
}

/** An allowance as a limit. Throws limit_invalid, amount_invalid or zone_unknown, naming the field. */
export function checkAllowance(
  input: AllowanceInput,
  defaults: { readonly zone: string; readonly now: number },
): LimitDraft {
  const every = input.every ?? 'day';
  if (!refills.includes(every)) {
    throw invalid('every', `every is ${JSON.stringify(every)}, not ${refills.join(', ')}`);
  }
  if (input.zone !== undefined && every !== 'day') {
    throw invalid('zone', `an allowance of every ${every} has no zone`, 'leave the zone out');
  }
  const selector = selectorOf(input);
  const draft = checkLimit(
    {
      ...selector,
      kind: 'allowance',
      scope: scopeOf(selector),
      limitType: 'cost',
      max: '0',
      intervalUnit: every === 'never' ? 'lifetime' : 'day',
      zone: input.zone,
      source: input.file === undefined ? 'command' : 'file',
      file: input.file,
    },
    defaults,
  );
  const grid: WindowRule = { kind: 'grid', hours: 24, anchor: defaults.now };
  return { ...draft, max: amountOf(input), window: every === '24h' ? grid : draft.window };
}

/** What `every` says of an allowance. */
export function refillOf({ window }: Pick<Limit, 'window'>): Refill {
  if (window.kind === 'grid') return '24h';
  return window.kind === 'lifetime' ? 'never' : 'day';
}

function selectorOf(input: AllowanceInput): Selector {
  const named = selectorFields.filter((field) => input[field] !== undefined);
  return Object.fromEntries(named.map((field) => [field, input[field]!]));
}

const scopes: readonly (readonly [SelectorField, LimitScope])[] = [
  ['provider', 'PROVIDER'],
  ['model', 'MODEL'],
  ['username', 'USER'],
  ['key', 'KEY'],
  ['project', 'PROJECT'],
  ['caller', 'CALLER'],
  ['purpose', 'PURPOSE'],
  ['session', 'SESSION'],
  ['tag', 'TAG'],
];

/** Of a mix, the widest. */
function scopeOf(selector: Selector): LimitScope {
  return scopes.find(([field]) => selector[field] !== undefined)?.[1] ?? 'GLOBAL';
}

function amountOf({ credits, usd }: AllowanceInput): bigint {
  if ((credits === undefined) === (usd === undefined)) {
    const both = usd !== undefined;
    throw invalid(
      both ? 'usd' : 'credits',
      both ? 'credits and usd are both given' : 'credits or usd is missing: say how much it is',
      'give exactly one of them',
    );
  }
  if (usd !== undefined) return parseUsd(String(usd), { field: 'usd' });
  return parseCredits(String(credits), { field: 'credits' });
}

function invalid(field: string, message: string, fix?: string): NanocentError {
  return new NanocentError('limit_invalid', message, fix === undefined ? { field } : { field, fix });
}
