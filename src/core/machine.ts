import type { Account, AccountName, Bucket, Leg } from '../ledger/account.ts';
import type { Command, Outcome, Refusal } from '../ledger/command.ts';
import { type Decision, decide } from '../ledger/decide.ts';
import { encodeLine, type JournalLine, sealLines } from '../ledger/journal.ts';
import { createPicker, headOf, type Picker } from '../limits/pick.ts';
import { capLeg, capLimit } from '../limits/run-cap.ts';
import type { Entry } from '../store/entry.ts';
import { entryDigest } from '../store/entry-digest.ts';
import {
  type Head,
  type Held,
  type IdempotencyRow,
  type Machine,
  type Names,
  noTaskChanges,
  type Plan,
  type Touches,
} from '../store/port.ts';
import { bookedEntry, decodeDraft, derivedId, encodeDraft } from './booked-entry.ts';
import { earlyGrantResult, grantAccounts, grantFailure } from './grant-change.ts';
import {
  backfillsOf,
  isRuleRequest,
  openingOf,
  type RuleChange,
  ruleChange,
  wrongRule,
} from './limit-change.ts';
import { accountsOfLeg, poolFinder, sumOf } from './pools.ts';
import { closedOf, prunableOf } from './prune.ts';
import type { EntryDraft, Idempotency, Standing, WriteRequest, WriteResult } from './request.ts';
import { bucketsPostedHere } from './same-batch.ts';

/**
 * The rules of one batch, made for it and used once: from requests to the rows that an engine loads, and from those
 * to the rows that it writes.
 */
export function createMachine(pick: Picker = createPicker()): Machine<WriteRequest, WriteResult> {
  // Both steps need the same legs; `touches` runs again, and first, when an engine retries.
  let legs: Legs = new Map();
  return {
    names,
    touches: (requests, head) => {
      legs = legsOfAll(requests, head, pick);
      return touches(requests, head, legs);
    },
    decide: (requests, head, held) => decideBatch(requests, head, held, legs),
  };
}

/** The legs of each request that takes or posts on its own account. */
type Legs = ReadonlyMap<WriteRequest, readonly Leg[]>;

/**
 * A record posts to the window of its own instant, a hold to the window that admits it. What a hold does not cover goes to the
 * grants of its pools.
 */
function legsOfAll(requests: readonly WriteRequest[], head: Head, pick: Picker): Legs {
  const legs = new Map<WriteRequest, readonly Leg[]>();
  const poolsUnder = poolFinder(requests, head, legs);
  for (const request of requests) {
    if (request.kind === 'record' || request.kind === 'reserve' || request.kind === 'extend') {
      const at = request.kind === 'record' ? request.entry.at : head.now;
      const picked = pick(head.limits, request.attributes, at, head.now);
      legs.set(request, request.caps ? [...request.caps.map(capLeg), ...picked] : picked);
    } else if (request.kind === 'settle' || request.kind === 'capture') {
      legs.set(request, poolsUnder(request.id));
    }
  }
  return legs;
}

function names(requests: readonly WriteRequest[]): Names {
  const reservations = new Set<string>();
  const idempotency = new Set<string>();
  for (const request of requests) {
    if ('id' in request && typeof request.id === 'string') reservations.add(request.id);
    const key = keyOf(request);
    if (key) idempotency.add(key.name);
  }
  return {
    reservations: [...reservations],
    idempotency: [...idempotency],
    changesLimits: requests.some(isRuleRequest),
  };
}

function touches(requests: readonly WriteRequest[], head: Head, legs: Legs): Touches {
  const accounts = new Map<string, AccountName>();
  for (const request of requests) {
    for (const account of accountsOf(request, head, legs)) accounts.set(account.key, account);
  }
  for (const account of bucketsPostedHere(requests, legs)) accounts.set(account.key, account);
  const backfills = backfillsOf(requests, head);
  return {
    accounts: [...accounts.values()],
    reads: bucketsIn(legs),
    backfills,
    accountsOfLimits: [],
    tasks: [],
  };
}

/** Buckets that are only looked at; whatever moves one of them locks its head. */
function bucketsIn(legs: Legs): AccountName[] {
  const lists = new Set<readonly Bucket[]>();
  for (const own of legs.values()) for (const { buckets } of own) if (buckets) lists.add(buckets);
  return [...lists].flatMap((buckets) => buckets.map(({ account }) => account));
}

/** Accounts that a request may change. */
function accountsOf(request: WriteRequest, head: Head, legs: Legs): readonly AccountName[] {
  switch (request.kind) {
    case 'record':
      return legs.get(request)!.flatMap(accountsOfLeg);
    case 'reserve':
    case 'extend': {
      const own = legs.get(request)!.flatMap((leg) => (leg.role === 'post' ? [] : accountsOfLeg(leg)));
      return request.kind === 'extend' ? [...own, ...heldAccounts(head, request.id)] : own;
    }
    case 'capture':
    case 'settle':
      return [...heldAccounts(head, request.id), ...legs.get(request)!.flatMap(accountsOfLeg)];
    case 'addGrant':
    case 'endGrant':
      return grantAccounts(request, head);
    case 'void':
    case 'expire':
      return heldAccounts(head, request.id);
    case 'adjust':
    case 'prune':
      return request.accounts.flatMap((account) => [...headsOf(account, head), account]);
    default:
      return [];
  }
}

/** The lock of a bucket, which is not named where only the bucket is. */
function headsOf({ limitId, subject }: AccountName, head: Head): AccountName[] {
  const limit = head.limits.find((one) => one.id === limitId);
  return limit?.window.kind === 'rolling' ? [headOf(limit, subject)] : [];
}

function heldAccounts(head: Head, id: string): readonly AccountName[] {
  return head.reservations.get(id)?.holds.map((hold) => hold.account) ?? [];
}

function decideBatch(
  requests: readonly WriteRequest[],
  head: Head,
  held: Held,
  legs: Legs,
): Plan<WriteResult> {
  const keys = new Set<string>();
  const early = requests.map((request) => earlyResult(request, keys, head) ?? failureOf(request, head, held));
  const live = requests.filter((_, index) => early[index] === null);
  const rules = ruleChange(live, head, held);
  const accounts = new Map([...held.accounts, ...openingOf(rules)]);
  const drafts = draftsOf(live, head);
  const commands = live.map((request, index) => {
    const line = `${held.chain.chain} ${held.chain.position} ${index}`;
    return commandOf(request, { head, rules, legs, drafts, line });
  });
  const state = { now: head.now, chain: held.chain, accounts, reservations: head.reservations };
  const decision = decide(state, commands);
  const booked = live.map((request, index) => bookOne(request, decision, index, head));
  const recorded = live.some((request) => request.kind === 'record');
  const after = new Map(
    recorded ? [...accounts, ...decision.accounts.map((row) => [row.key, row] as const)] : [],
  );
  const results = live.map((request, index) => {
    const result = resultOf(decision.outcomes[index]!, booked[index]!, head, rules);
    if (request.kind !== 'record') return result;
    return { ...result, standings: standingsOf(legs.get(request)!, after, head) };
  });
  return {
    results: merge(early, results),
    accounts: decision.accounts,
    prunes: decision.prunes,
    reservations: decision.reservations,
    entries: booked.filter((entry) => entry !== null),
    ...sealed(decision, booked, held, head.now),
    ...memory(live, decision, booked, head),
    limits: rules && decision.outcomes.some((outcome) => outcome.outcome === 'ruled') ? [rules.limit] : [],
    purgeBefore: purgeBound(live),
    tasks: noTaskChanges,
  };
}

function failureOf(request: WriteRequest, head: Head, held: Held): WriteResult | null {
  return request.kind === 'addGrant' ? grantFailure(request, head, held) : null;
}

function standingsOf(legs: readonly Leg[], after: ReadonlyMap<string, Account>, head: Head): Standing[] {
  return legs.flatMap((leg) => {
    const { account: name, role, buckets } = leg;
    const limit = head.limits.find((one) => one.id === name.limitId && one.endedAt === null);
    if (limit && leg.parts) return [{ limit, account: { ...name, ...sumOf(leg.parts, after) } }];
    const account = after.get(name.key);
    if (role === 'post' || !limit || !account) return [];
    if (!buckets) return [{ limit, account }];
    const settled = buckets.reduce((sum, bucket) => sum + (after.get(bucket.account.key)?.settled ?? 0n), 0n);
    return [{ limit, account: { ...account, settled } }];
  });
}

/** The answer that needs no decision: a replay, a conflict, or the same key earlier in the batch (`keys`, added to). */
function earlyResult(request: WriteRequest, keys: Set<string>, head: Head): WriteResult | null {
  const wrong = wrongRule(request, head);
  if (wrong) return { ...wrong, entry: null };
  const ofGrant = request.kind === 'endGrant' ? earlyGrantResult(request, head) : null;
  if (ofGrant) return ofGrant;
  const key = keyOf(request);
  if (!key) return null;
  const known = head.idempotency.get(key.name);
  if (known) return replay(key, known);
  if (keys.has(key.name)) return { outcome: 'again', entry: null };
  keys.add(key.name);
  return null;
}

function replay(key: Idempotency, known: IdempotencyRow): WriteResult {
  if (known.fingerprint === key.fingerprint) {
    return { outcome: 'replayed', id: JSON.parse(known.answer).id, entry: null };
  }
  return {
    outcome: 'failed',
    code: 'idempotency_conflict',
    message: 'this idempotency key was used before with another body',
    data: { firstUsedAt: new Date(known.at).toISOString() },
    entry: null,
  };
}

function keyOf(request: WriteRequest): Idempotency | null {
  return 'idempotency' in request ? request.idempotency : null;
}

interface Setting {
  readonly head: Head;
  readonly rules: RuleChange | null;
  readonly legs: Legs;
  readonly drafts: (reservationId: string) => EntryDraft | null;
  /** Unlike that of any other command of any batch. */
  readonly line: string;
}

function commandOf(request: WriteRequest, setting: Setting): Command {
  const { head, rules, legs, drafts } = setting;
  switch (request.kind) {
    case 'reserve':
      return { ...request, legs: legs.get(request)!, draft: encodeDraft(request) };
    case 'extend':
      return { ...request, legs: legs.get(request)! };
    case 'record':
      return { ...request, legs: legs.get(request)! };
    case 'expire':
      return { ...request, entry: expiryNote(drafts(request.id), head) };
    case 'settle':
    case 'capture':
      return { ...postingOf(request, setting), pools: legs.get(request)! };
    case 'setLimit':
    case 'endLimit':
    case 'raiseLimit':
    case 'addGrant':
    case 'endGrant':
      return rules!.command;
    case 'prune':
      return { ...request, accounts: prunableOf(request.accounts, head) };
    case 'adjust':
      return { ...request, ...closedOf(request.accounts, head) };
    default:
      return request;
  }
}

type Posting = Extract<WriteRequest, { kind: 'settle' | 'capture' }>;

/** With the row that it books: its own, or one made of what the reservation keeps ready. */
function postingOf(
  request: Posting,
  { drafts, line, head }: Setting,
): Extract<Command, { kind: Posting['kind'] }> {
  const also = request.caps?.map((cap) => capLeg(cap).account.key);
  const late = request.kind === 'settle' ? closedOf(heldAccounts(head, request.id), head) : {};
  const ending = also ? { ...request, ...late, also } : { ...request, ...late };
  if (request.entry) return { ...ending, entry: { id: request.entry.id, at: request.entry.at } };
  const draft = drafts(request.id);
  const entry = draft && { id: derivedId(draft.id, line, head.now), at: draft.at };
  if (!request.rowless) return { ...ending, entry };
  return { ...ending, entry: null, ...(entry && { lateEntry: entry }) };
}

function expiryNote(draft: EntryDraft | null, head: Head): { id: string; at: number } {
  return { id: draft?.id ?? '', at: draft?.at ?? head.now };
}

/** The row that a reservation keeps ready, also where its reserve stands in this very batch. */
function draftsOf(live: readonly WriteRequest[], head: Head): Setting['drafts'] {
  const reserved = new Map<string, EntryDraft>();
  for (const one of live) if (one.kind === 'reserve') reserved.set(one.id, one.expiry);
  return (id) => {
    const known = head.reservations.get(id);
    if (known) return known.draft === null ? null : decodeDraft(known.draft).entry;
    return reserved.get(id) ?? null;
  };
}

function bookOne(request: WriteRequest, decision: Decision, index: number, head: Head): Entry | null {
  const line = decision.lineOf[index];
  if (!line?.entryId) return null;
  return bookedEntry(request, {
    id: line.entryId,
    outcome: decision.outcomes[index]!,
    before: decision.before[index]!,
    now: head.now,
  });
}

function resultOf(outcome: Outcome, entry: Entry | null, head: Head, rules: RuleChange | null): WriteResult {
  if (outcome.outcome === 'refused') {
    const limitOf = ({ account, maximum }: Refusal) =>
      head.limits.find((limit) => limit.id === account.limitId) ?? capLimit(maximum);
    const refusals = outcome.refusals.map((refusal) => ({ ...refusal, limit: limitOf(refusal) }));
    return { outcome: 'refused', refusals, entry: null };
  }
  if (outcome.outcome === 'ruled') return { outcome: 'ruled', limit: rules!.limit, entry: null };
  return { ...outcome, entry };
}

function sealed(
  decision: Decision,
  booked: readonly (Entry | null)[],
  held: Held,
  now: number,
): Pick<Plan<WriteResult>, 'lines' | 'link'> {
  const digests = new Map<string, string>();
  for (const entry of booked) if (entry) digests.set(entry.id, entryDigest(entry));
  const lines = decision.lines.map((line: JournalLine) => ({
    position: line.position,
    entryId: line.entryId,
    body: encodeLine({ ...line, digest: line.entryId ? (digests.get(line.entryId) ?? null) : null }),
  }));
  const link = sealLines(
    held.chain,
    lines.map((line) => line.body),
    now,
  );
  return { lines, link };
}

/** Only movements are remembered; a void lets its reserve's key go. */
function memory(
  live: readonly WriteRequest[],
  decision: Decision,
  booked: readonly (Entry | null)[],
  head: Head,
): Pick<Plan<WriteResult>, 'idempotency' | 'forgets'> {
  const idempotency: IdempotencyRow[] = [];
  const forgets: string[] = [];
  live.forEach((request, index) => {
    const key = keyOf(request);
    const moved = decision.lineOf[index];
    if (!moved) return;
    if (key) {
      idempotency.push({
        ...key,
        answer: JSON.stringify({ id: idOf(request, moved, booked[index]!) }),
        at: head.now,
      });
    }
    const outcome = decision.outcomes[index]!;
    if (outcome.outcome !== 'voided' || !outcome.reservation.draft) return;
    const name = decodeDraft(outcome.reservation.draft).idempotencyName;
    if (name) forgets.push(name);
  });
  return { idempotency, forgets };
}

/** What a replay of its key is answered with. */
function idOf(request: WriteRequest, line: JournalLine, booked: Entry | null): string {
  if (request.kind === 'reserve') return request.id;
  return request.kind === 'addGrant' ? String(line.note.grantId) : booked!.id;
}

function purgeBound(live: readonly WriteRequest[]): number | null {
  const bounds = live.flatMap((request) => (request.kind === 'purge' ? [request.before] : []));
  return bounds.length === 0 ? null : Math.max(...bounds);
}

function merge(early: readonly (WriteResult | null)[], results: readonly WriteResult[]): WriteResult[] {
  let next = 0;
  return early.map((result) => result ?? results[next++]!);
}
