/**
 * A price source of a third party: a contract whose rates are kept as a CSV file, one line a model. Name it in a configuration,
 * `prices: { sources: [./price-source.ts] }`; try it with `node examples/price-source.ts`.
 */
import { openBooks, type PricesConfig } from 'nanocent';

/** USD per million tokens, as the contract was sent. */
const contract = `provider,model,from,input,output
openai,gpt-4o,2026-01-01,2.00,8.00
acme,acme-large,2026-06-01,0.80,3.20`;

export default function contractPrices(): PricesConfig {
  const [, ...lines] = contract.split('\n');
  return {
    models: lines.map((line) => {
      const [provider, model, from, input, output] = line.split(',');
      return { provider, model, from, rates: { input, output } };
    }),
  };
}

if (import.meta.main) {
  await using books = await openBooks({ store: 'memory', config: { prices: { sources: [contractPrices] } } });
  for (const call of [
    { provider: 'acme', model: 'acme-large' },
    { provider: 'openai', model: 'gpt-4o' },
  ]) {
    const { entry } = await books.track({ ...call, promptTokens: 1_000_000, completionTokens: 0 });
    process.stdout.write(`${entry.model}: ${entry.nanocents} nanocents, by ${entry.priceId}\n`);
  }
}
