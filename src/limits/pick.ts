import { type AccountName, accountKey, type Leg, type Subject } from '../ledger/account.ts';
import { windowAt } from '../time/window.ts';
import { type Limit, type SelectorField, selectorFields } from './limit.ts';

/** Any distinct value counts for itself. */
export const wildcard = '*';

/**
 * The accounts that a call touches under the limits in force at an instant, specific limits first, each with the maximum that
 * may refuse it: null where the limit is soft or the call is exempt. An exemption counts too: it may become a limit.
 */
export function legsFor(limits: readonly Limit[], attributes: Subject, at: number): Leg[] {
  return createPicker()(limits, attributes, at);
}

/** Account names that a picker remembers; above it, it starts afresh. */
const rememberedNamesMax = 20_000;

/**
 * legsFor with a memory, for the path that every call takes: the order of the limits, and the names of accounts whose window
 * still holds the instant. The memory never changes an answer.
 */
export function createPicker(): (limits: readonly Limit[], attributes: Subject, at: number) => Leg[] {
  let known: readonly Limit[] | null = null;
  let ordered: readonly Limit[] = [];
  let exempting: readonly Limit[] = [];
  let names = new Map<number, Map<string, readonly AccountName[]>>();
  let remembered = 0;

  const begin = (limits: readonly Limit[]) => {
    known = limits;
    ordered = inOrder(limits);
    exempting = ordered.filter((limit) => limit.max === -1n);
    names = new Map(ordered.map((limit) => [limit.id, new Map()]));
    remembered = 0;
  };

  const accountsOf = (limit: Limit, attributes: Subject, at: number): readonly AccountName[] => {
    const values = valuesText(limit, attributes);
    if (values === null) return accountsAt(limit, attributes, at);
    const found = names.get(limit.id)!.get(values);
    if (found !== undefined && holds(found, at)) return found;
    const fresh = accountsAt(limit, attributes, at);
    if (++remembered > rememberedNamesMax) begin(known!);
    names.get(limit.id)!.set(values, fresh);
    return fresh;
  };

  return (limits, attributes, at) => {
    if (limits !== known) begin(limits);
    const exemptions = exempting.filter((limit) => subjectsOf(limit, attributes).length > 0);
    const legs: Leg[] = [];
    for (const limit of ordered) {
      for (const account of accountsOf(limit, attributes, at)) {
        const bounds =
          limit.enforcement === 'hard' && limit.max !== -1n && !exemptions.some((one) => exempts(one, limit));
        legs.push({
          account,
          maximum: bounds ? limit.max : null,
          transient: limit.type === 'concurrent_requests',
        });
      }
    }
    return legs;
  };
}

/** What the call says where a limit looks, which tells its subjects apart; null where it says nothing, or looks at tags. */
function valuesText({ selector }: Limit, attributes: Subject): string | null {
  let text = '';
  for (const field in selector) {
    const value = attributes[field];
    if (value === undefined || field === 'tag') return null;
    text = text === '' ? value : `${text}\u0000${value}`;
  }
  return text;
}

/** Whether their windows still hold the instant; always where the limit does not cover the call. */
function holds(names: readonly AccountName[], at: number): boolean {
  return names.every((name) => at >= name.windowStart && (name.windowEnd === null || at < name.windowEnd));
}

function accountsAt(limit: Limit, attributes: Subject, at: number): AccountName[] {
  return subjectsOf(limit, attributes).map((subject) => accountAt(limit, subject, at));
}

/** Those in force, specific ones first. */
function inOrder(limits: readonly Limit[]): Limit[] {
  return limits
    .filter((limit) => limit.endedAt === null)
    .sort((left, right) => fixedCount(right) - fixedCount(left) || left.id - right.id);
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
