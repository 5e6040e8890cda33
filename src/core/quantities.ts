import type { Quantities } from '../ledger/account.ts';
import { type Entry, promptTokens, totalTokens } from '../store/entry.ts';

/** What a usage row counts for, by measure. What is not known is absent: a hold then posts as held. */
export function quantitiesOf(
  entry: Pick<Entry, 'usage' | 'totalTokens' | 'nanocents' | 'calls'>,
): Quantities {
  const quantities: Record<string, bigint> = {
    requests: BigInt(entry.calls),
    concurrent_requests: 0n,
  };
  if (entry.nanocents !== null) quantities.cost = entry.nanocents;
  const counts = {
    input_tokens: promptTokens(entry.usage),
    output_tokens: entry.usage.output,
    total_tokens: totalTokens(entry),
  };
  for (const [measure, count] of Object.entries(counts))
    if (count !== null) quantities[measure] = BigInt(count);
  return quantities;
}
