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

/** More was spent than was set aside. It is booked in full before this is thrown. Code `reservation_exceeded`. */
export class ReservationExceededError extends NanocentError {
  readonly reservationId: string;
  readonly reservedNanocents: bigint;
  /** What was spent in all; above what was reserved. */
  readonly actualNanocents: bigint;
  /** Always: the books have it, whoever catches this. */
  readonly settled: true = true;
  /** What was paid for, as whoever made the call hands it on; undefined where it did not. */
  readonly response: unknown;

  constructor(
    facts: {
      readonly reservationId: string;
      readonly reservedNanocents: bigint;
      readonly actualNanocents: bigint;
      readonly response?: unknown;
    },
    details: ErrorDetails = {},
  ) {
    const { reservationId, reservedNanocents, actualNanocents } = facts;
    const data = {
      reservationId,
      reservedNanocents: String(reservedNanocents),
      actualNanocents: String(actualNanocents),
    };
    super(
      'reservation_exceeded',
      `a cost of ${actualNanocents} nanocents exceeds reservation ${reservationId} of ${reservedNanocents}; it is booked in full`,
      {
        fix: 'set more aside, or bound the call (max_tokens)',
        ...details,
        data: { ...data, ...details.data },
      },
    );
    this.name = 'ReservationExceededError';
    this.reservationId = reservationId;
    this.reservedNanocents = reservedNanocents;
    this.actualNanocents = actualNanocents;
    this.response = facts.response;
  }
}
