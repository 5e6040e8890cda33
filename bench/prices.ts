/** Loading one provider's prices, and pricing a call once they are there. */
import { bundledCatalog, chargeFor } from '../src/prices/index.ts';
import { unknownUsage } from '../src/usage/usage.ts';
import { machineLine, median, say } from './support.ts';

const at = Date.UTC(2026, 10, 1);
const usage = {
  ...unknownUsage,
  input: 12_000,
  cacheRead: 3_000,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  cacheWrite: 0,
  output: 800,
};

say(machineLine());
const loadStarted = performance.now();
const catalog = bundledCatalog();
await catalog.ready({ provider: 'openai' });
say(
  `loading openai: ${(performance.now() - loadStarted).toFixed(1)} ms (wanted < 10 ms, in a fresh process)`,
);

const perCall: number[] = [];
const calls = 2_000;
for (let round = 0; round < 60; round++) {
  const started = performance.now();
  for (let call = 0; call < calls; call++) {
    const match = catalog.find({ provider: 'openai', model: 'gpt-4o-2024-08-06', at });
    if (match.outcome !== 'found') throw new Error('the model has no price');
    const charge = chargeFor(usage, match.price, { terms: {} });
    if (charge.outcome !== 'priced') throw new Error('the call has no price');
  }
  perCall.push(((performance.now() - started) * 1000) / calls);
}
say(`finding and pricing a call: ${median(perCall).toFixed(2)} µs (wanted < 5 µs)`);
