import type { Subject } from '../ledger/account.ts';
import { type Limit, type SelectorField, selectorFields } from './limit.ts';

/** Any distinct value counts for itself. */
export const wildcard = '*';

/** Empty where the limit does not cover the call; several where a `*` field of the call has several values (tags). */
export function subjectsOf(limit: Pick<Limit, 'selector'>, attributes: Subject): Subject[] {
  let subjects: Subject[] = [{}];
  for (const field in limit.selector) {
    const wanted = limit.selector[field as SelectorField]!;
    const found = valuesOf(field as SelectorField, wanted, attributes);
    if (found.length === 0) return [];
    subjects = subjects.flatMap((subject) => found.map(([name, value]) => ({ ...subject, [name]: value })));
  }
  return subjects;
}

/** Attribute names and values that satisfy one selector field. A tag `team=red` is the attribute `tag:team`. */
function valuesOf(field: SelectorField, wanted: string, attributes: Subject): [string, string][] {
  if (field === 'tag') return tagValues(wanted, attributes);
  const value = attributes[field];
  if (value === undefined || (wanted !== wildcard && wanted !== value)) return [];
  return [[field, value]];
}

function tagValues(wanted: string, attributes: Subject): [string, string][] {
  const [name, value] = splitTag(wanted);
  return Object.entries(attributes).filter(
    ([attribute, actual]) =>
      attribute.startsWith('tag:') &&
      (name === wildcard || attribute === `tag:${name}`) &&
      (value === wildcard || actual === value),
  );
}

/** Name and value; a tag without a value is any value of it. */
function splitTag(tag: string): [string, string] {
  const equals = tag.indexOf('=');
  return equals < 0 ? [tag, wildcard] : [tag.slice(0, equals), tag.slice(equals + 1)];
}

/** An attribute that a limit asks of a call: with this value, or, where it is null, with any. */
export interface Wanted {
  readonly name: string;
  readonly value: string | null;
}

/** Every attribute without which a limit does not cover a call. */
export function wantedOf({ selector }: Pick<Limit, 'selector'>): Wanted[] {
  return (Object.keys(selector) as SelectorField[]).flatMap((field) => {
    const [name, value] =
      field === 'tag' ? splitTag(selector[field]!) : ([field, selector[field]!] satisfies [string, string]);
    if (name === wildcard) return [];
    return [{ name: field === 'tag' ? `tag:${name}` : name, value: value === wildcard ? null : value }];
  });
}

/** −1 frees from non-global limits of its type whose fixed fields are a strict subset of its own. */
export function exempts(exemption: Limit, limit: Limit): boolean {
  if (limit.scope === 'GLOBAL' || limit.type !== exemption.type) return false;
  const fixed = fixedFields(limit);
  return (
    fixed.length < fixedFields(exemption).length &&
    fixed.every((field) => exemption.selector[field] === limit.selector[field])
  );
}

/** In force, specific ones first: more fixed fields before fewer, global ones last, older before newer. */
export function inOrder(limits: readonly Limit[]): Limit[] {
  return limits
    .filter((limit) => limit.endedAt === null)
    .sort((left, right) => fixedCount(right) - fixedCount(left) || left.id - right.id);
}

function fixedFields(limit: Limit): SelectorField[] {
  return selectorFields.filter((field) => {
    const value = limit.selector[field];
    return value !== undefined && value !== wildcard;
  });
}

function fixedCount(limit: Limit): number {
  return limit.scope === 'GLOBAL' ? -1 : fixedFields(limit).length;
}
