import type { Subject } from '../ledger/account.ts';
import { inOrder, type Wanted, wantedOf } from './cover.ts';
import type { Limit } from './limit.ts';

interface Ranked {
  readonly limit: Limit;
  /** Place in the order of all limits. */
  readonly rank: number;
}

/**
 * Finds the limits that may cover a call without looking at all of them: each is filed under one attribute that it asks for, the
 * one that the fewest others ask for too. In order; some may turn out not to cover it.
 */
export function indexLimits(limits: readonly Limit[]): (attributes: Subject) => readonly Limit[] {
  const everyone: Ranked[] = [];
  const byName = new Map<string, Ranked[]>();
  const byValue = new Map<string, Map<string, Ranked[]>>();
  const crowds = crowdsOf(limits);
  for (const [rank, limit] of inOrder(limits).entries()) {
    const wanted = rarest(wantedOf(limit), crowds);
    const shelf = wanted === null ? everyone : shelfOf(wanted, byName, byValue);
    shelf.push({ limit, rank });
  }
  return (attributes) => {
    const found = [...everyone];
    for (const name in attributes) {
      const any = byName.get(name);
      if (any !== undefined) found.push(...any);
      const exact = byValue.get(name)?.get(attributes[name]!);
      if (exact !== undefined) found.push(...exact);
    }
    return found.sort((left, right) => left.rank - right.rank).map(({ limit }) => limit);
  };
}

function shelfOf(
  { name, value }: Wanted,
  byName: Map<string, Ranked[]>,
  byValue: Map<string, Map<string, Ranked[]>>,
): Ranked[] {
  if (value === null) return upsert(byName, name, () => []);
  return upsert(
    upsert(byValue, name, () => new Map()),
    value,
    () => [],
  );
}

function upsert<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** How many limits ask for an attribute. */
function crowdsOf(limits: readonly Limit[]): ReadonlyMap<string, number> {
  const crowds = new Map<string, number>();
  for (const limit of limits) {
    for (const wanted of wantedOf(limit)) crowds.set(textOf(wanted), (crowds.get(textOf(wanted)) ?? 0) + 1);
  }
  return crowds;
}

function rarest(all: readonly Wanted[], crowds: ReadonlyMap<string, number>): Wanted | null {
  const crowd = (wanted: Wanted) => crowds.get(textOf(wanted))!;
  // A value is rarer among calls than the mere presence of a field.
  const exact = all.filter(({ value }) => value !== null);
  const [first = null, ...others] = exact.length > 0 ? exact : all;
  return others.reduce((best, one) => (crowd(one) < crowd(best!) ? one : best), first);
}

function textOf({ name, value }: Wanted): string {
  return value === null ? name : `${name}\u0000${value}`;
}
