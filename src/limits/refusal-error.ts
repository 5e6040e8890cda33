import { NanocentError } from '../errors/error.ts';
import { InsufficientBalanceError, TokensExhausted } from '../errors/named.ts';
import type { Refusal } from '../ledger/command.ts';
import { describeRefusal, subjectText } from './describe.ts';
import type { Limit } from './limit.ts';

type Refused = Refusal & { readonly limit: Limit };

/**
 * A refusal as an error, for who would rather throw: TokensExhausted for an allowance, InsufficientBalanceError for a pool of grants,
 * else limit_refused. Of several, the one that is hardest to get past: a pool, then an allowance, then the first limit.
 */
export function refusalError(refusals: readonly Refused[]): NanocentError {
  const of = (kind: Limit['kind']) => refusals.find(({ limit }) => limit.kind === kind);
  const refusal = of('grants') ?? of('allowance') ?? refusals[0];
  if (!refusal) throw new NanocentError('plan_impossible', 'a refusal names no limit');
  const { limit, account, requested } = refusal;
  const message = describeRefusal(limit, refusal);
  const data = { limitId: limit.id, requestedNanocents: String(requested) };
  switch (limit.kind) {
    case 'grants':
      return new InsufficientBalanceError(
        {
          account: withoutBrackets(subjectText(account.subject)),
          askedNanocents: requested,
          availableNanocents: leftOf(refusal),
          message,
        },
        { fix: 'add a grant, or make a smaller call', data: { limitId: limit.id } },
      );
    case 'allowance':
      return new TokensExhausted(
        message,
        {
          provider: account.subject.provider ?? null,
          remainingNanocents: leftOf(refusal),
          resetsAt: account.windowEnd,
        },
        { data },
      );
    default:
      return new NanocentError('limit_refused', message, { data: { limitId: limit.id } });
  }
}

interface RefusedOutcome {
  readonly outcome: 'refused';
  readonly refusals: readonly Refused[];
  /** Where it was no limit that refused. */
  readonly insufficient?: { readonly error: NanocentError } | null;
}

/** Throws refusalError, or what an accountant said, for an outcome that is a refusal; any other is handed back. */
export function throwIfRefused<Result extends { readonly outcome: string }>(
  result: Result | RefusedOutcome,
): Exclude<Result, { readonly outcome: 'refused' }> {
  if (isRefused(result)) throw result.insufficient?.error ?? refusalError(result.refusals);
  return result as Exclude<Result, { readonly outcome: 'refused' }>;
}

function isRefused(result: { readonly outcome: string }): result is RefusedOutcome {
  return result.outcome === 'refused';
}

function leftOf({ maximum, used, held }: Refused): bigint {
  const left = maximum - used - held;
  return left > 0n ? left : 0n;
}

function withoutBrackets(text: string): string {
  return text.trim().replace(/^\(|\)$/g, '') || 'everyone';
}
