import { NanocentError } from '../errors/error.ts';
import { type AmountInput, amountOf } from './amount-input.ts';

/**
 * How a hold is sized. `worst`: the most that the call can cost. `estimate`: a quarter of that. `fixed`: one amount, whatever
 * the call. Where a request sets no bound on what it can cost, every sizing holds the fixed amount.
 */
export const sizings = ['worst', 'estimate', 'fixed'] as const;
/** How much is set aside for a call: the most it can become, a quarter of that, or one amount. */
export type Sizing = (typeof sizings)[number];

/** The amount of one purpose or model, its sizing, or both; an amount alone means `fixed`. */
export interface ReservationRule extends AmountInput {
  readonly sizing?: Sizing;
}

/** How much is set aside where a call does not say: by its purpose, else by its model, else in general. */
export interface ReservationSettings {
  /** `worst` when left out. */
  readonly sizing?: Sizing;
  /** The fixed amount; 50 cents when left out. */
  readonly default?: AmountInput;
  /** By the name that the model is asked for. */
  readonly models?: Readonly<Record<string, ReservationRule>>;
  readonly purposes?: Readonly<Record<string, ReservationRule>>;
}

interface Rule {
  readonly sizing: Sizing | null;
  readonly nanocents: bigint | null;
}

/** Settings that were checked. */
export interface ReservationRules {
  readonly general: Rule;
  readonly models: ReadonlyMap<string, Rule>;
  readonly purposes: ReadonlyMap<string, Rule>;
}

/** 50 cents: what a call of unknown size is held with. */
export const fixedHoldNanocents = 50_000_000_000n;

export const noReservationRules: ReservationRules = {
  general: { sizing: null, nanocents: null },
  models: new Map(),
  purposes: new Map(),
};

const rulesMax = 10_000;

/** Throws config_invalid, amount_invalid …, naming the key: `reservations.purposes.chat.usd`. */
export function parseReservations(settings: unknown): ReservationRules {
  const root = objectAt(settings, 'reservations', ['sizing', 'default', 'models', 'purposes']);
  const standard =
    root.default === undefined
      ? null
      : amountOf(
          objectAt(root.default, 'reservations.default', ['usd', 'nanocents']),
          'reservations.default.',
        );
  return {
    general: { sizing: sizingAt(root.sizing, 'reservations.sizing'), nanocents: standard },
    models: rulesAt(root.models, 'reservations.models'),
    purposes: rulesAt(root.purposes, 'reservations.purposes'),
  };
}

export interface HoldWish {
  readonly model: string;
  readonly purpose?: string | null | undefined;
  readonly sizing?: Sizing | undefined;
  /** The amount of this very call; alone it means `fixed`. */
  readonly nanocents?: bigint | undefined;
}

/** What holds for one call: its own word first, then its purpose's rule, then its model's, then the general one. */
export function holdRuleFor(
  rules: ReservationRules,
  wish: HoldWish,
): { readonly sizing: Sizing; readonly fixedNanocents: bigint } {
  const own: Rule = {
    sizing: wish.sizing ?? (wish.nanocents === undefined ? null : 'fixed'),
    nanocents: wish.nanocents ?? null,
  };
  const ofPurpose = wish.purpose ? rules.purposes.get(wish.purpose) : undefined;
  const inOrder = [own, ofPurpose, rules.models.get(wish.model), rules.general];
  const first = <Key extends keyof Rule>(key: Key) => inOrder.find((rule) => rule?.[key] != null)?.[key];
  return { sizing: first('sizing') ?? 'worst', fixedNanocents: first('nanocents') ?? fixedHoldNanocents };
}

function rulesAt(value: unknown, key: string): ReadonlyMap<string, Rule> {
  if (value === undefined) return new Map();
  const entries = Object.entries(objectAt(value, key, null));
  if (entries.length > rulesMax) {
    throw invalid(key, `has ${entries.length} rules`, `keep it to ${rulesMax}`);
  }
  return new Map(entries.map(([name, rule]) => [name, ruleAt(rule, `${key}.${name}`)]));
}

function ruleAt(value: unknown, key: string): Rule {
  const fields = objectAt(value, key, ['sizing', 'usd', 'nanocents']);
  const named = fields.usd !== undefined || fields.nanocents !== undefined;
  const sizing = sizingAt(fields.sizing, `${key}.sizing`);
  if (!named && sizing === null) {
    throw invalid(key, 'says nothing', 'give usd, nanocents or sizing');
  }
  return { sizing: sizing ?? 'fixed', nanocents: named ? amountOf(fields, `${key}.`) : null };
}

function sizingAt(value: unknown, key: string): Sizing | null {
  if (value === undefined) return null;
  const known = sizings.find((sizing) => sizing === value);
  if (known) return known;
  throw invalid(key, `is ${JSON.stringify(value)}`, `use one of ${sizings.join(', ')}`);
}

function objectAt(
  value: unknown,
  key: string,
  known: readonly string[] | null,
): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(key, 'is not an object', 'write { … }; an amount is { "usd": "0.50" }');
  }
  const unknown = known && Object.keys(value).find((name) => !known.includes(name));
  if (unknown) throw invalid(`${key}.${unknown}`, 'is not known', `known is: ${known.join(', ')}`);
  return value as Readonly<Record<string, unknown>>;
}

function invalid(key: string, what: string, fix: string): NanocentError {
  return new NanocentError('config_invalid', `${key} ${what}`, { field: key, fix });
}
