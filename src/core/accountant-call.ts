import { NanocentError } from '../errors/error.ts';
import type { AccountantContext, Tx } from './accountant.ts';
import { decodeDraft } from './booked-entry.ts';

export interface CallLimits {
  /** How long one call may take; at most 20 seconds. */
  readonly timeoutMs: number;
}

export const accountantTimeoutMs = 10_000;
const txCharactersMax = 4096;

/** One call, waited for no longer than its limit. Throws what the accountant throws, or a TimeoutError. */
export async function callAccountant<Result>(
  { timeoutMs }: CallLimits,
  call: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const ending = new AbortController();
  const late = new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError');
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(late);
      ending.abort(late);
    }, timeoutMs);
  });
  try {
    return await Promise.race([call(ending.signal), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** A refusal, also one from another copy of this package. */
export function isRefusal(error: unknown): boolean {
  return NanocentError.is(error) && error.code === 'balance_insufficient';
}

/** What will be read back: settle gets the same Tx whether or not a process died in between. Throws for what is no JSON. */
export function jsonTx(name: string, tx: Tx): Tx {
  const text = JSON.stringify(tx);
  if (text === undefined || text.length > txCharactersMax) {
    const what = text === undefined ? 'nothing that JSON can say' : `${text.length} characters of JSON`;
    throw new NanocentError('accountant_failed', `accountant ${name} answered with ${what}`, {
      fix: `a Tx is JSON of at most ${txCharactersMax} characters`,
    });
  }
  return JSON.parse(text);
}

/** As far as the reservation still says; a purge leaves only its id. */
export function contextOf(reservationId: string, draft: string | null): Omit<AccountantContext, 'signal'> {
  const entry = draft === null ? null : decodeDraft(draft).entry;
  return {
    reservationId,
    callId: entry?.callId ?? null,
    model: entry?.model ?? null,
    provider: entry?.provider ?? null,
    username: entry?.username ?? null,
    caller: entry?.caller ?? null,
    project: entry?.project ?? null,
    session: entry?.session ?? null,
    purpose: entry?.purpose ?? null,
    key: entry?.key ?? null,
  };
}
