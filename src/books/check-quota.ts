import type { Context } from '../core/context.ts';
import { HoldDeadlines } from '../core/hold-deadlines.ts';
import type { LimitRefusal } from '../core/request.ts';
import type { Quantities, Subject } from '../ledger/account.ts';
import { poolReason, refusalReason, roomAt } from '../ledger/admit.ts';
import { type LimitState, limitStates } from '../reports/limit-states.ts';

/** A call that might be made: whose it is, and what it would take. */
export interface CheckInput {
  readonly model?: string;
  readonly provider?: string;
  readonly username?: string;
  readonly caller?: string;
  readonly project?: string;
  readonly key?: string;
  readonly session?: string;
  readonly purpose?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly nanocents?: bigint;
  /** In the windows that hold this instant; now when left out. */
  readonly at?: number;
}

/** What a reserve of such a call would be told now, and where every limit over it stands. */
export interface Checked {
  readonly allowed: boolean;
  /** As a reserve would say them. */
  readonly refusals: readonly LimitRefusal[];
  readonly states: readonly LimitState[];
  /** The instant that was looked at. */
  readonly at: number;
}

export async function checkQuota({ ledger, clock }: Context, input: CheckInput): Promise<Checked> {
  const { inputTokens, outputTokens, nanocents, at = clock.now(), tags = {}, ...fields } = input;
  const asked: Quantities = {
    requests: 1n,
    concurrent_requests: 1n,
    cost: nanocents ?? 0n,
    input_tokens: BigInt(inputTokens ?? 0),
    output_tokens: BigInt(outputTokens ?? 0),
    total_tokens: BigInt((inputTokens ?? 0) + (outputTokens ?? 0)),
  };
  const attributes: Subject = Object.fromEntries([
    ...Object.entries(fields).filter(([, value]) => value !== undefined),
    ...Object.entries(tags).map(([name, value]) => [`tag:${name}`, value]),
  ]);
  const { limits } = await ledger.reads.limits();
  const states = await limitStates(ledger.reads, limits, attributes, at);
  const found = states.flatMap((state) => refusalOf(state, asked[state.limit.type] ?? 0n));
  const refusals = await new HoldDeadlines(ledger.reads).completed(found);
  return { allowed: refusals.length === 0, refusals, states, at };
}

function refusalOf(state: LimitState, requested: bigint): LimitRefusal[] {
  const { limit, used, held, refusesAbove, resetsAt, leaving } = state;
  const reason =
    limit.kind === 'grants'
      ? poolReason(refusesAbove!, used, held, requested)
      : refusalReason(refusesAbove, used, held, requested);
  if (reason === null) return [];
  const wanted = { maximum: refusesAbove!, used, held, requested };
  return [{ ...wanted, limit, account: state.account!, reason, fitsAt: roomAt(wanted, resetsAt, leaving) }];
}
