import { refillOf } from '../limits/allowance.ts';
import { type Limit, selectorFields } from '../limits/limit.ts';
import { formatCredits } from '../money/index.ts';
import type { LimitState } from '../reports/limit-states.ts';
import { formatInstant } from '../time/index.ts';
import type { TokensLeft } from './allowances.ts';
import { moneyDocument } from './documents.ts';

/** An allowance as every door gives it out. */
export function allowanceDocument(limit: Limit) {
  const { window, selector } = limit;
  return {
    id: limit.id,
    ...Object.fromEntries(selectorFields.map((field) => [field, selector[field] ?? null])),
    amount: creditsDocument(limit.max),
    every: refillOf(limit),
    zone: window.kind === 'calendar' ? window.zone : null,
    source: limit.source,
    file: limit.file,
  };
}

/** How much of it is used, held and left, and what that buys of some models. */
export function allowanceStateDocument(state: LimitState, tokens: readonly TokensLeft[]) {
  return {
    ...allowanceDocument(state.limit),
    subject: state.subject,
    used: creditsDocument(state.used),
    held: creditsDocument(state.held),
    remaining: creditsDocument(state.remaining ?? 0n),
    over: creditsDocument(state.over),
    resetsAt: state.resetsAt === null ? null : formatInstant(state.resetsAt),
    tokens: tokens.map((one) => ({
      model: one.model,
      inputTokens: tokenText(one, 'input'),
      outputTokens: tokenText(one, 'output'),
      reason: one.outcome === 'unknown' ? one.reason : null,
    })),
  };
}

/** As text, because there may be more of them than a double counts; null where unknown, `unlimited` where free. */
function tokenText(one: TokensLeft, kind: 'input' | 'output'): string | null {
  if (one.outcome === 'unknown') return null;
  return one[kind] === null ? 'unlimited' : String(one[kind]);
}

function creditsDocument(nanocents: bigint) {
  return { ...moneyDocument(nanocents), credits: formatCredits(nanocents) };
}
