import { ratesFor } from '../../prices/charge.ts';
import type { Catalog, Price, Rates } from '../../prices/index.ts';
import type { ServedTerms } from '../../usage/reading.ts';
import type { Usage } from '../../usage/usage.ts';
import type { Calls } from './agent-logs.ts';
import type { AgentName } from './agent-message.ts';
import type { Counts } from './message-table.ts';

/** How a call is priced: one object for all calls of a kind that may be priced together. */
export type CallPrice = { readonly number: number; readonly kind: CallKind } & (
  | { readonly how: 'none'; readonly reason: string }
  /** By itself: rounding could make a difference, or something about its counts is not known. */
  | { readonly how: 'alone'; readonly price: Price }
  /** The sum of such calls costs what they cost one by one; `flat` has the one tier that all of them are on. */
  | { readonly how: 'together'; readonly flat: Price }
);

/** What the price of a call depends on beside its counts and its instant. */
export interface CallKind {
  readonly agent: AgentName;
  readonly model: string;
  readonly provider: string | null;
  readonly terms: ServedTerms;
}

interface KnownKind extends CallKind {
  readonly providerNumber: number;
  readonly tierNumber: number;
  readonly regionNumber: number;
  readonly prices: Map<string, CallPrice>;
  /** The last one given, and for what. */
  recent: {
    readonly found: Price | null;
    readonly tier: number;
    readonly isKnown: boolean;
    readonly isReasoningKnown: boolean;
    readonly price: CallPrice | null;
  };
  /** The UTC day asked for last, and its price where it holds all day. */
  day: number;
  found: Price | string | null;
}

const dayMs = 86_400_000;

export interface CallPrices {
  of(row: number, counts: Counts): CallPrice;
}

/** Loads what the calls need of the catalog, and then says how each is priced. */
export async function openCallPrices(calls: Calls, catalog: Catalog): Promise<CallPrices> {
  const kinds = openKinds(calls);
  for (const row of calls.rows) kinds.of(row);
  for (const { provider, model } of kinds.all()) {
    await catalog.ready({ ...(provider === null ? {} : { provider }), model });
  }
  const { at } = calls.table.columns;
  const make = openMaker();
  return {
    of(row, counts) {
      const kind = kinds.of(row);
      const found = findPrice(catalog, kind, at[row]!);
      if (typeof found === 'string') return make(kind, found, { how: 'none', reason: found });
      const tier = tierAt(found, inputOf(counts));
      const isKnown = !hasUnknown(counts);
      const isReasoningKnown = counts.reasoning !== null;
      const { recent } = kind;
      const isAsBefore =
        recent.found === found &&
        recent.tier === tier &&
        recent.isKnown === isKnown &&
        recent.isReasoningKnown === isReasoningKnown;
      if (isAsBefore) return recent.price!;
      const key = `${found.id} ${tier} ${isKnown} ${isReasoningKnown}`;
      const price = kind.prices.get(key) ?? make(kind, key, howPriced(kind, found, counts));
      kind.recent = { found, tier, isKnown, isReasoningKnown, price };
      return price;
    },
  };
}

type How =
  | { readonly how: 'none'; readonly reason: string }
  | { readonly how: 'alone'; readonly price: Price }
  | { readonly how: 'together'; readonly flat: Price };

function openMaker(): (kind: KnownKind, key: string, how: How) => CallPrice {
  let made = 0;
  return (kind, key, how) => {
    const known = kind.prices.get(key);
    if (known !== undefined) return known;
    const price: CallPrice = { number: made++, kind, ...how };
    kind.prices.set(key, price);
    return price;
  };
}

function howPriced(kind: CallKind, found: Price, counts: Counts): How {
  const rates = ratesFor(usageOf(counts), found, kind.terms.tier);
  const isPlain = !hasUnknown(counts) && kind.terms.region === undefined && typeof rates !== 'string';
  if (!isPlain || !isAdditive(found, rates)) return { how: 'alone', price: found };
  if (counts.reasoning === null && rates.reasoning !== undefined) return { how: 'alone', price: found };
  return { how: 'together', flat: { ...found, tiers: [{ inputTokensMax: null, rates }], serviceTiers: {} } };
}

function openKinds(calls: Calls) {
  const { columns, names } = calls.table;
  const byModel = new Map<number, KnownKind[]>();
  return { of, all: () => [...byModel.values()].flat() };

  function of(row: number): KnownKind {
    const provider = columns.provider[row]!;
    const tier = columns.tier[row]!;
    const region = columns.region[row]!;
    const agent = calls.agentOf(row);
    const list = byModel.get(columns.model[row]!) ?? [];
    if (list.length === 0) byModel.set(columns.model[row]!, list);
    for (const kind of list) {
      const { providerNumber, tierNumber, regionNumber } = kind;
      const isSame = providerNumber === provider && tierNumber === tier && regionNumber === region;
      if (isSame && kind.agent === agent) return kind;
    }
    const kind: KnownKind = {
      agent,
      model: names[columns.model[row]!] ?? '',
      provider: names[provider] ?? null,
      terms: calls.termsOf(row),
      providerNumber: provider,
      tierNumber: tier,
      regionNumber: region,
      prices: new Map(),
      recent: { found: null, tier: -1, isKnown: false, isReasoningKnown: false, price: null },
      day: Number.NaN,
      found: null,
    };
    list.push(kind);
    return kind;
  }
}

/** The price at an instant, or why there is none. */
function findPrice(catalog: Catalog, kind: KnownKind, at: number): Price | string {
  const day = Math.floor(at / dayMs);
  if (kind.day === day && kind.found !== null) return kind.found;
  const found = askCatalog(catalog, kind, at);
  const isSameAt = (other: number) =>
    typeof found !== 'string' && found.id === idOf(askCatalog(catalog, kind, other));
  const holdsAllDay =
    typeof found === 'string' ||
    (found.during === undefined && isSameAt(day * dayMs) && isSameAt((day + 1) * dayMs - 1));
  kind.day = day;
  kind.found = holdsAllDay ? found : null;
  return found;
}

function askCatalog(catalog: Catalog, { model, provider }: CallKind, at: number): Price | string {
  const match = catalog.find({ model, ...(provider === null ? {} : { provider }), at });
  if (match.outcome === 'found') return match.price;
  const name = provider === null ? model : `${provider}/${model}`;
  if (match.outcome === 'unknown') return `no price is known for ${name}`;
  return `${name} has different prices at ${match.candidates.join(', ')}`;
}

function inputOf({ input, cacheRead, cacheWrite5m, cacheWrite1h, cacheWrite }: Counts): number {
  return (input ?? 0) + (cacheRead ?? 0) + (cacheWrite5m ?? 0) + (cacheWrite1h ?? 0) + (cacheWrite ?? 0);
}

function hasUnknown({ input, cacheRead, cacheWrite5m, cacheWrite1h, cacheWrite, output }: Counts): boolean {
  return (
    input === null ||
    cacheRead === null ||
    cacheWrite5m === null ||
    cacheWrite1h === null ||
    cacheWrite === null ||
    output === null
  );
}

function tierAt({ tiers }: Price, input: number): number {
  for (let tier = 0; tier < tiers.length; tier += 1) {
    const { inputTokensMax } = tiers[tier]!;
    if (inputTokensMax === null || input <= inputTokensMax) return tier;
  }
  return -1;
}

function idOf(found: Price | string): string {
  return typeof found === 'string' ? '' : found.id;
}

/** Nanocents a million: rates that this divides are whole nanocents a token, and no sum of them is ever rounded. */
const millionth = 1_000_000n;

function isAdditive(price: Price, rates: Rates): boolean {
  const isPerCall = rates.request !== undefined || price.minimums !== undefined || price.factor !== undefined;
  return !isPerCall && Object.values(rates).every((rate) => rate % millionth === 0n);
}

export function usageOf({ webSearch, ...counts }: Counts): Usage {
  return { ...counts, units: webSearch === 0 ? {} : { webSearch } };
}
