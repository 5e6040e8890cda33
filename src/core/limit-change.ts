import type { Account } from '../ledger/account.ts';
import type { Outcome, Rule } from '../ledger/command.ts';
import type { Reservation } from '../ledger/reservation.ts';
import type { Limit, SelectorField } from '../limits/limit.ts';
import { accountAt, standsOn, subjectsOf, wildcard } from '../limits/pick.ts';
import type { BackfillQuery, Head, Held } from '../store/port.ts';
import { bucketMsFor, countsFrom, type WindowRule, windowAt } from '../time/window.ts';
import { grantChange } from './grant-change.ts';
import type { LimitDraft, WriteRequest } from './request.ts';

/** A limit that begins, moves or ends, with the ledger command that says so. A batch holds at most one. */
export interface RuleChange {
  readonly limit: Limit;
  readonly command: Rule;
}

/** What a new limit counts from the start: usage rows of its current window. */
export function backfillsOf(requests: readonly WriteRequest[], head: Head): BackfillQuery[] {
  return requests.flatMap((request) => {
    if (request.kind !== 'setLimit' || request.fromNow || sameRule(request.limit, head)) return [];
    if (request.limit.type === 'concurrent_requests') return [];
    const by = (Object.keys(request.limit.selector) as SelectorField[]).filter(
      (field) => request.limit.selector[field] === wildcard,
    );
    return [
      {
        measure: request.limit.type,
        selector: request.limit.selector,
        by,
        ...spanOf(request.limit.window, head.now),
      },
    ];
  });
}

/** What is asked of the usage rows: one sum for the window, or one for each bucket that counts now or later. */
function spanOf(rule: WindowRule, now: number): Pick<BackfillQuery, 'from' | 'to' | 'stepMs'> {
  if (rule.kind === 'rolling') return { from: countsFrom(rule, now), to: null, stepMs: bucketMsFor(rule) };
  const window = windowAt(rule, now);
  return { from: window.start, to: window.end, stepMs: null };
}

export function ruleChange(requests: readonly WriteRequest[], head: Head, held: Held): RuleChange | null {
  const request = requests.find(isRuleRequest);
  if (!request) return null;
  if (request.kind === 'addGrant' || request.kind === 'endGrant') return grantChange(request, head, held);
  if (request.kind === 'endLimit') {
    const limit = limitInForce(request.id, head)!;
    return { limit: { ...limit, endedAt: head.now }, command: plainRule(limit, true) };
  }
  if (request.kind === 'raiseLimit') return raise(request, limitInForce(request.id, head)!, head.now);
  const known = sameRule(request.limit, head);
  if (known) {
    const limit = { ...known, ...request.limit, window: known.window };
    return { limit, command: plainRule(limit, false) };
  }
  const id = head.limits.reduce((highest, limit) => Math.max(highest, limit.id), 0) + 1; // count: ids, not money
  const fresh = { raises: [], grants: [], createdAt: head.now, endedAt: null };
  return newRule({ ...request.limit, ...fresh, id }, request.fromNow, head, held);
}

const ruleKinds = ['setLimit', 'endLimit', 'raiseLimit', 'addGrant', 'endGrant'] as const;
type RuleRequest = Extract<WriteRequest, { kind: (typeof ruleKinds)[number] }>;

/** Whether a request changes limits or grants. */
export function isRuleRequest(request: WriteRequest): request is RuleRequest {
  return (ruleKinds as readonly string[]).includes(request.kind);
}

/** Raises that a limit remembers: those that are over make room for new ones. */
const raisesMax = 100;

/** Why a change of a limit in force cannot be made; null where it can. */
export function wrongRule(request: WriteRequest, head: Head): Extract<Outcome, { outcome: 'failed' }> | null {
  if (request.kind !== 'endLimit' && request.kind !== 'raiseLimit') return null;
  const limit = limitInForce(request.id, head);
  const limitId = request.id;
  if (!limit) {
    const message = `there is no limit ${limitId} in force`;
    return { outcome: 'failed', code: 'limit_not_found', message, data: { limitId } };
  }
  if (request.kind === 'endLimit') return null;
  const wrong = (message: string, field: string) =>
    ({ outcome: 'failed', code: 'limit_invalid', message, data: { limitId, field } }) as const;
  if (limit.kind === 'grants') return wrong(`${limitId} is prepaid credit: add a grant instead`, 'id');
  if (request.max <= limit.max) {
    return wrong(`a raise of limit ${limitId} to ${request.max} is none: it has ${limit.max}`, 'max');
  }
  if (request.until <= head.now) return wrong(`a raise of limit ${limitId} would be over already`, 'until');
  if (upcoming(limit, head.now).length >= raisesMax) {
    return wrong(`limit ${limitId} has ${raisesMax} raises that are not over`, 'id');
  }
  return null;
}

function raise(
  { max, until, reason }: Extract<WriteRequest, { kind: 'raiseLimit' }>,
  limit: Limit,
  now: number,
): RuleChange {
  const raised = { ...limit, raises: [...upcoming(limit, now), { max, from: now, until, reason }] };
  return { limit: raised, command: { ...plainRule(limit, false), raise: { max, until, reason } } };
}

function upcoming({ raises }: Limit, now: number): Limit['raises'] {
  return raises.filter(({ until }) => until > now);
}

/** Accounts of a new limit, all zero before its opening. */
export function openingOf(change: RuleChange | null): [string, Account][] {
  if (!change) return [];
  const names = [...change.command.opening, ...change.command.holds].map((part) => part.account);
  return names.map((name) => [name.key, { ...name, settled: 0n, reserved: 0n }]);
}

function limitInForce(id: number, head: Head): Limit | undefined {
  return head.limits.find((limit) => limit.id === id && limit.endedAt === null);
}

function newRule(limit: Limit, fromNow: boolean, head: Head, held: Held): RuleChange {
  const opening = (held.backfills[0] ?? [])
    .filter((row) => row.sum > 0n)
    .map((row) => ({ account: accountAt(limit, row.subject, row.start ?? head.now), settled: row.sum }));
  const holds = fromNow
    ? []
    : [...head.reservations.values()].flatMap((reservation) =>
        subjectsOf(limit, reservation.attributes).flatMap((subject) =>
          standsOn(limit, subject, admittedAt(limit, reservation, head.now)).map((part) => ({
            ...part,
            reservationId: reservation.id,
          })),
        ),
      );
  return { limit, command: { ...plainRule(limit, false), opening, holds } };
}

/** A rolling window dates a hold by its admission; in any other one, what is open belongs to the window of now. */
function admittedAt({ window }: Limit, { createdAt }: Reservation, now: number): number {
  return window.kind === 'rolling' ? createdAt : now;
}

function plainRule(limit: Limit, ended: boolean): Rule {
  return { kind: 'limit', limitId: limit.id, maximum: limit.max, ended, opening: [], holds: [] };
}

/** A new maximum keeps the counters; a new scope, type or window is a new limit. */
function sameRule(draft: LimitDraft, head: Head): Limit | undefined {
  const identity = identityOf(draft);
  return head.limits.find((limit) => limit.endedAt === null && identityOf(limit) === identity);
}

/** Limits with the same text are the same limit, whatever their maximum. */
export function identityOf({ kind, scope, type, window, selector }: LimitDraft): string {
  // The anchor of a grid says when it was first set: setting it again does not move it.
  const rule = window.kind === 'grid' ? { ...window, anchor: 0 } : window;
  return JSON.stringify([kind, scope, type, sortedPairs(rule), sortedPairs(selector)]);
}

function sortedPairs(fields: object): [string, unknown][] {
  return Object.entries(fields).sort(([left], [right]) => (left < right ? -1 : 1));
}
