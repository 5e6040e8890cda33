import { NanocentError } from '../errors/error.ts';
import { parseNanocents, parseUsd, usdFromNumber } from '../money/index.ts';
import { nanocentsMax } from '../money/nanocents.ts';

/** An amount of money as programs write it: exactly one of the two. */
export interface AmountInput {
  /** Dollars: `0.5` or `'0.50'`, read exactly as written. */
  readonly usd?: number | string | undefined;
  /** Whole nanocents. */
  readonly nanocents?: bigint | undefined;
}

/** 0 to nanocentsMax. Throws field_missing or field_invalid unless exactly one is given, amount_invalid for what is no amount. */
export function amountOf({ usd, nanocents }: AmountInput, place = ''): bigint {
  if (usd === undefined && nanocents === undefined) {
    throw new NanocentError('field_missing', 'give exactly one of usd and nanocents: neither is given', {
      field: `${place}usd`,
      fix: 'give usd, such as 0.5, or nanocents, such as 50_000_000_000n',
    });
  }
  if (usd !== undefined && nanocents !== undefined) {
    throw new NanocentError('field_invalid', 'give exactly one of usd and nanocents: both are given', {
      field: `${place}nanocents`,
      fix: 'leave one of them out',
    });
  }
  if (usd !== undefined) {
    const field = `${place}usd`;
    return typeof usd === 'number' ? usdFromNumber(usd, { field }) : parseUsd(usd, { field });
  }
  const field = `${place}nanocents`;
  // From JavaScript or JSON a number or a text may come in: read, never rounded.
  const amount = typeof nanocents === 'bigint' ? nanocents : parseNanocents(String(nanocents), { field });
  if (amount >= 0n && amount <= nanocentsMax) return amount;
  throw new NanocentError('amount_invalid', `cannot set aside ${amount} nanocents`, {
    field,
    fix: 'give an amount from 0 to 92233720.36854775807 USD',
  });
}
