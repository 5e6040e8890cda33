import type { Verification } from '../core/verify.ts';
import type { Refusal } from '../ledger/command.ts';
import type { Reservation } from '../ledger/reservation.ts';
import { describeRefusal } from '../limits/describe.ts';
import type { Limit } from '../limits/limit.ts';
import { formatUsd } from '../money/index.ts';
import type { Price } from '../prices/index.ts';
import type { LimitState } from '../reports/limit-states.ts';
import { type PeriodStats, rankedSums } from '../reports/period-stats.ts';
import { type Entry, promptTokens, totalTokens } from '../store/entry.ts';
import type { Totals } from '../store/query.ts';
import { formatInstant } from '../time/index.ts';
import type { Checked } from './check-quota.ts';
import type { Explanation } from './explain.ts';

/** The JSON that every door gives out (CONTRACT): money as decimal strings, times ISO 8601 UTC. */
export function entryDocument(entry: Entry) {
  const { units, ...counts } = entry.usage;
  return {
    id: entry.id,
    kind: entry.kind,
    at: formatInstant(entry.at),
    model: entry.model,
    requestedModel: entry.requestedModel,
    provider: entry.provider,
    endpoint: entry.endpoint,
    toolCalls: entry.toolCalls,
    usage: { ...counts, ...(Object.keys(units).length > 0 ? { units } : {}) },
    promptTokens: promptTokens(entry.usage),
    completionTokens: entry.usage.output,
    totalTokens: totalTokens(entry),
    localPromptTokens: entry.localPromptTokens,
    localCompletionTokens: entry.localCompletionTokens,
    localTotalTokens: entry.localTotalTokens,
    cachedTokens: entry.usage.cacheRead,
    reasoningTokens: entry.usage.reasoning,
    ...moneyDocument(entry.nanocents),
    costSource: entry.costSource,
    basis: entry.basis,
    priceId: entry.priceId,
    remark: entry.remark,
    executionSeconds: seconds(entry.executionMicroseconds),
    caller: entry.caller,
    username: entry.username,
    project: entry.project,
    session: entry.session,
    purpose: entry.purpose,
    key: entry.key,
    tags: entry.tags,
    callId: entry.callId,
    reservationId: entry.reservationId,
    adjusts: entry.adjusts,
    responseId: entry.responseId,
  };
}

export function moneyDocument(nanocents: bigint | null) {
  return {
    nanocents: nanocents === null ? null : String(nanocents),
    usd: nanocents === null ? null : formatUsd(nanocents),
  };
}

/** Statistics as `stats --json` shows them. */
export function statsDocument(stats: PeriodStats, zone: string) {
  const { start, end } = stats.period;
  return {
    schema: 'nanocent.stats/1',
    period: { start: formatInstant(start), end: formatInstant(end), zone },
    totals: totalsDocument(stats.totals),
    averages: averagesDocument(stats.totals),
    by: stats.by,
    groups: stats.groups.map((group) => ({ key: group.key, ...totalsDocument(group.totals) })),
    rankings: Object.fromEntries(
      rankedSums.map((sum) => [
        sum === 'executionMicroseconds' ? 'executionSeconds' : sum,
        stats.rankings[sum].map(({ model, value }) => ({ model, value: rankedValue(sum, value) })),
      ]),
    ),
  };
}

export function totalsDocument(totals: Totals) {
  return {
    calls: Number(totals.calls),
    promptTokens: Number(totals.promptTokens),
    completionTokens: Number(totals.output),
    totalTokens: Number(totals.totalTokens),
    localPromptTokens: Number(totals.localPromptTokens),
    localCompletionTokens: Number(totals.localCompletionTokens),
    localTotalTokens: Number(totals.localTotalTokens),
    cachedTokens: Number(totals.cacheRead),
    reasoningTokens: Number(totals.reasoning),
    ...moneyDocument(totals.nanocents),
    executionSeconds: Number(totals.executionMicroseconds) / 1e6,
    unpricedCalls: Number(totals.unpricedCalls),
  };
}

/** Per call; money is rounded down to a whole nanocent, the rest to two places. Zeroes when there was no call. */
export function averagesDocument(totals: Totals) {
  const calls = totals.calls;
  const mean = (sum: bigint) => (calls === 0n ? 0 : Number((sum * 100n) / calls) / 100);
  return {
    promptTokens: mean(totals.promptTokens),
    completionTokens: mean(totals.output),
    totalTokens: mean(totals.totalTokens),
    localPromptTokens: mean(totals.localPromptTokens),
    localCompletionTokens: mean(totals.localCompletionTokens),
    localTotalTokens: mean(totals.localTotalTokens),
    cachedTokens: mean(totals.cacheRead),
    reasoningTokens: mean(totals.reasoning),
    ...moneyDocument(calls === 0n ? 0n : totals.nanocents / calls),
    executionSeconds:
      calls === 0n ? 0 : Number((totals.executionMicroseconds * 100n) / calls / 1_000_000n) / 100,
  };
}

/** A reservation as `--json` shows it. */
export function reservationDocument(reservation: Reservation, replayed: boolean) {
  const posted = reservation.posted.cost ?? 0n;
  const admitted = reservation.admitted.cost ?? 0n;
  const open = reservation.state === 'open';
  return {
    schema: 'nanocent.reservation/1',
    id: reservation.id,
    state: reservation.state,
    nanocents: String(admitted),
    usd: formatUsd(admitted),
    expiresAt: formatInstant(reservation.expiresAt),
    onExpire: reservation.onExpire,
    settledNanocents: open && posted === 0n ? null : String(posted),
    overrunNanocents: String(posted > admitted ? posted - admitted : 0n),
    replayed,
  };
}

/** A limit as `--json` shows it. */
export function limitDocument(limit: Limit) {
  const { window } = limit;
  const counted = window.kind === 'calendar' || window.kind === 'rolling';
  return {
    id: limit.id,
    scope: limit.scope,
    type: limit.type,
    max: limitAmount(limit, limit.max),
    interval: {
      unit: counted ? window.unit : null,
      value: counted ? window.count : null,
      mode: window.kind,
      zone: window.kind === 'calendar' ? window.zone : null,
    },
    model: limit.selector.model ?? null,
    provider: limit.selector.provider ?? null,
    username: limit.selector.username ?? null,
    caller: limit.selector.caller ?? null,
    project: limit.selector.project ?? null,
    key: limit.selector.key ?? null,
    tag: limit.selector.tag ?? null,
    enforcement: limit.enforcement,
    source: limit.source,
    kind: limit.kind,
    session: limit.selector.session ?? null,
    purpose: limit.selector.purpose ?? null,
    thresholds: limit.thresholds,
    file: limit.file,
    raises: limit.raises.map(({ max, from, until, reason }) => ({
      max: limitAmount(limit, max),
      from: formatInstant(from),
      until: formatInstant(until),
      reason,
    })),
  };
}

export function limitStateDocument(state: LimitState) {
  const amount = (value: bigint) => limitAmount(state.limit, value);
  return {
    limitId: state.limit.id,
    subject: state.subject,
    max: amount(state.maximum),
    used: amount(state.used),
    held: amount(state.held),
    remaining: state.remaining === null ? null : amount(state.remaining),
    over: amount(state.over),
    resetsAt: state.resetsAt === null ? null : formatInstant(state.resetsAt),
    stepSeconds: state.stepMs === null ? null : state.stepMs / 1000,
  };
}

export function refusalDocument(limit: Limit, refusal: Refusal, said: { message: string; now: number }) {
  const amount = (value: bigint) => limitAmount(limit, value);
  const { account, fitsAt } = refusal;
  return {
    limitId: limit.id,
    scope: limit.scope,
    message: said.message,
    max: amount(refusal.maximum),
    used: amount(refusal.used),
    held: amount(refusal.held),
    requested: amount(refusal.requested),
    reason: refusal.reason,
    retryAfterSeconds: fitsAt === null ? null : Math.max(0, Math.ceil((fitsAt - said.now) / 1000)),
    fitsAt: fitsAt === null ? null : formatInstant(fitsAt),
    resetsAt: account.windowEnd === null ? null : formatInstant(account.windowEnd),
  };
}

export function checkDocument({ allowed, refusals, states, at }: Checked) {
  return {
    schema: 'nanocent.check/1',
    allowed,
    refusals: refusals.map((refusal) => {
      const message = describeRefusal(refusal.limit, refusal);
      return refusalDocument(refusal.limit, refusal, { message, now: at });
    }),
    limits: states.map(limitStateDocument),
  };
}

/** A call with its charge line by line, the price row while the catalog still has it, its hold and its journal lines. */
export function explanationDocument(
  { entry, attempts, reservation, lines }: Explanation,
  price: Price | null,
) {
  return {
    schema: 'nanocent.explanation/1',
    entry: entry && entryDocument(entry),
    charge: entry?.charge ? JSON.parse(entry.charge) : null,
    price: price && { id: price.id, source: price.source },
    attempts: attempts.map(entryDocument),
    reservation: reservation && reservationDocument(reservation, false),
    lines: lines.map((line) => ({
      at: formatInstant(line.at),
      kind: line.kind,
      chain: line.chain,
      position: line.position,
      entryId: line.entryId,
      nanocents: String(line.amount),
      heldNanocents: String(line.held),
      unadmittedNanocents: String(line.unadmitted),
    })),
  };
}

export function verificationDocument(verification: Verification) {
  return { schema: 'nanocent.verification/1', ...verification };
}

/** Amounts of a cost limit in USD, of the others as counts, as text: both may be larger than a double is exact. */
export function limitAmount(limit: Pick<Limit, 'type'>, value: bigint): string {
  return limit.type === 'cost' && value !== -1n ? formatUsd(value) : String(value);
}

function rankedValue(sum: (typeof rankedSums)[number], value: bigint): string | number {
  if (sum === 'nanocents') return String(value);
  return sum === 'executionMicroseconds' ? Number(value) / 1e6 : Number(value);
}

function seconds(microseconds: number | null): number | null {
  return microseconds === null ? null : microseconds / 1e6;
}
