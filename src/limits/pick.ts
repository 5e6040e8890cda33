import { type AccountName, accountKey, type Leg, type Subject } from '../ledger/account.ts';
import { windowAt } from '../time/window.ts';
import { type Limit, type SelectorField, selectorFields } from './limit.ts';

/** Any distinct value counts for itself. */
export const wildcard = '*';

/**
 * The accounts that a call touches under the limits in force at an instant, specific limits first, each with the maximum that
 * may refuse it: null where the limit is soft or the call is exempt.
 */
export function legsFor(limits: readonly Limit[], attributes: Subject, at: number): Leg[] {
  const matching = limits.flatMap((limit) =>
    limit.endedAt === null ? subjectsOf(limit, attributes).map((subject) => ({ limit, subject })) : [],
  );
  const exemptions = matching.filter(({ limit }) => limit.max === -1n).map(({ limit }) => limit);
  return matching
    .filter(({ limit }) => limit.max !== -1n)
    .sort((left, right) => fixedCount(right.limit) - fixedCount(left.limit) || left.limit.id - right.limit.id)
    .map(({ limit, subject }) => ({
      account: accountAt(limit, subject, at),
      maximum:
        limit.enforcement === 'hard' && !exemptions.some((one) => exempts(one, limit)) ? limit.max : null,
      transient: limit.type === 'concurrent_requests',
    }));
}

/** The counter of a limit for a subject in the window that holds an instant. */
export function accountAt(limit: Limit, subject: Subject, at: number): AccountName {
  const window = windowAt(limit.window, at);
  return {
    key: accountKey(limit.id, subject, window.start),
    limitId: limit.id,
    subject,
    measure: limit.type,
    windowStart: window.start,
    windowEnd: window.end,
  };
}

/** Empty where the limit does not cover the call; several where a `*` field of the call has several values (tags). */
export function subjectsOf(limit: Limit, attributes: Subject): Subject[] {
  let subjects: Subject[] = [{}];
  for (const field of selectorFields) {
    const wanted = limit.selector[field];
    if (wanted === undefined) continue;
    const found = valuesOf(field, wanted, attributes);
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

function splitTag(tag: string): [string, string] {
  const equals = tag.indexOf('=');
  return equals < 0 ? [tag, wildcard] : [tag.slice(0, equals), tag.slice(equals + 1)];
}

/** −1 frees from non-global limits of its type whose fixed fields are a strict subset of its own. */
function exempts(exemption: Limit, limit: Limit): boolean {
  if (limit.scope === 'GLOBAL' || limit.type !== exemption.type) return false;
  const fixed = fixedFields(limit);
  return (
    fixed.length < fixedFields(exemption).length &&
    fixed.every((field) => exemption.selector[field] === limit.selector[field])
  );
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
