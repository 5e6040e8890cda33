import { type ErrorDetails, NanocentError } from './error.ts';

/** No price is known for a model at an instant: what has no price is never charged as 0. Code `price_not_found`. */
export class ModelPricingNotFoundError extends NanocentError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('price_not_found', message, details);
    this.name = 'ModelPricingNotFoundError';
  }
}

/** A daily allowance has no room for a call. Code `tokens_exhausted`. */
export class TokensExhausted extends NanocentError {
  /** Whose allowance it is; null where it is not for one provider. */
  readonly provider: string | null;
  /** Left now, in nanocents: what a smaller call may take. */
  readonly remainingNanocents: bigint;
  /** The same in whole credits of 1,000 nanocents, rounded down. */
  readonly remainingCredits: bigint;
  /** When it is refilled, epoch milliseconds; null: never. */
  readonly resetsAt: number | null;

  constructor(
    message: string,
    facts: {
      readonly provider: string | null;
      readonly remainingNanocents: bigint;
      readonly resetsAt: number | null;
    },
    details: ErrorDetails = {},
  ) {
    const { provider, remainingNanocents, resetsAt } = facts;
    const data = { provider, remainingNanocents: String(remainingNanocents), resetsAt };
    super('tokens_exhausted', message, { ...details, data: { ...data, ...details.data } });
    this.name = 'TokensExhausted';
    this.provider = provider;
    this.remainingNanocents = remainingNanocents;
    this.remainingCredits = remainingNanocents / 1000n;
    this.resetsAt = resetsAt;
  }
}

/** An account has less than is asked of it: a pool of prepaid credit, or an accountant's. Code `balance_insufficient`. */
export class InsufficientBalanceError extends NanocentError {
  /** As its owner calls it: `username u42`. */
  readonly account: string;
  readonly askedNanocents: bigint;
  readonly availableNanocents: bigint;

  constructor(
    facts: {
      readonly account: string;
      readonly askedNanocents: bigint;
      readonly availableNanocents: bigint;
      /** Said in nanocents when left out. */
      readonly message?: string;
    },
    details: ErrorDetails = {},
  ) {
    const { account, askedNanocents, availableNanocents } = facts;
    const data = {
      account,
      askedNanocents: String(askedNanocents),
      availableNanocents: String(availableNanocents),
    };
    const message =
      facts.message ??
      `account ${account} has ${availableNanocents} nanocents available, not the ${askedNanocents} asked`;
    super('balance_insufficient', message, { ...details, data: { ...data, ...details.data } });
    this.name = 'InsufficientBalanceError';
    this.account = account;
    this.askedNanocents = askedNanocents;
    this.availableNanocents = availableNanocents;
  }
}
