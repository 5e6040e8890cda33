import { moneyDocument } from '../books/documents.ts';
import type { Charge } from '../prices/index.ts';
import { formatInstant } from '../time/index.ts';

/** A charge as JSON (CONTRACT `price`), without its schema. */
export function chargeDocument(
  charge: Charge,
  { model, provider, at }: { readonly model: string; readonly provider: string | null; readonly at: number },
) {
  const { nanocents, usd } = moneyDocument(charge.nanocents);
  return {
    model,
    provider,
    at: formatInstant(at),
    nanocents: nanocents!,
    usd: usd!,
    priceId: charge.priceId,
    lines: charge.lines.map((line) => ({
      ...(line.model === undefined ? {} : { model: line.model }),
      unit: line.unit,
      quantity: line.quantity,
      rateNanocentsPerMillion: String(line.rateNanocentsPerMillion),
      nanocents: String(line.nanocents),
    })),
  };
}
