import { NanocentError } from '../errors/error.ts';
import { ModelPricingNotFoundError } from '../errors/named.ts';
import { countMax, type Usage } from '../usage/usage.ts';
import type { AttributionInput } from './attribution.ts';
import type { Context } from './context.ts';
import { encodeCharge, priceUsage } from './pricing.ts';
import type { EntryDraft } from './request.ts';

/** Something that costs and is no call of a model: a search, a page, a minute of a machine. */
export interface UnitChargeInput extends AttributionInput {
  /** What is sold, under the name that its price has; `rates` of own prices say what a million of its units cost. */
  readonly model: string;
  /** camelCase, singular: `search`, `page`. */
  readonly unit: string;
  /** Whole and above 0. */
  readonly quantity: number;
  /** The same key with the same fields books once. */
  readonly idempotencyKey?: string | undefined;
}

/** What of its row follows from unit and quantity. */
export type UnitCost = Pick<EntryDraft, 'usage' | 'priceId' | 'charge' | 'costSource' | 'basis'> & {
  readonly nanocents: bigint;
};

const noTokens = {
  input: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  cacheWrite: 0,
  output: 0,
  reasoning: 0,
};

/** Throws field_invalid for a unit or quantity that is none, price_not_found where no price names the unit: never free. */
export async function unitCost(context: Context, input: UnitChargeInput): Promise<UnitCost> {
  const { unit, quantity, model, provider } = input;
  if (!/^[a-z][A-Za-z0-9]{0,63}$/.test(unit)) {
    throw new NanocentError('field_invalid', `${String(unit)} is no unit`, {
      field: 'unit',
      fix: 'units are camelCase and singular, such as search or pageImage',
    });
  }
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > countMax) {
    throw new NanocentError('field_invalid', `${quantity} is no quantity`, {
      field: 'quantity',
      fix: `give a whole number from 1 to ${countMax}`,
    });
  }
  const usage: Usage = { ...noTokens, units: { [unit]: quantity } };
  const pricing = await priceUsage(context, usage, { model, provider, at: context.clock.now() });
  if (pricing.outcome === 'unpriced') {
    throw new ModelPricingNotFoundError(`${unit} of ${model}: ${pricing.reason}`, {
      field: 'unit',
      fix: `add { "model": "${model}", "rates": { "${unit}": "…" } } to your own prices`,
    });
  }
  return {
    usage,
    nanocents: pricing.charge.nanocents,
    priceId: pricing.charge.priceId,
    charge: encodeCharge(pricing.charge),
    costSource: 'priced',
    basis: 'provider',
  };
}
