/** An agent's task under one cap, over models and tools, without a key: `node examples/agent-run.ts`. */
import { createMeter, formatUsd, openBooks } from 'nanocent';

await using books = await openBooks({
  store: 'memory',
  environment: {},
  // Half a cent for a search.
  prices: { models: [{ model: 'web-search', rates: { search: '5000' } }] },
});
const meter = createMeter(books.context);

/** Stands for a call of a provider; 4,000 tokens in, 1,000 out. */
async function think(model: string): Promise<boolean> {
  const begun = await meter.begin(
    {
      model,
      provider: 'openai',
      api: 'chat.completions',
      endpoint: '/v1/chat/completions',
      requestBytes: 16_000,
      request: { inputTokensMax: 16_000, outputTokensMax: 2_000, choices: 1 },
    },
    { fallbackModels: ['gpt-4o-mini'] },
  );
  if (begun.outcome !== 'held') return false;
  const usage = { prompt_tokens: 4_000, completion_tokens: 1_000, total_tokens: 5_000 };
  begun.call.chunk(Buffer.from(JSON.stringify({ id: 'x', model: begun.model, choices: [], usage })));
  await begun.call.finish({ ended: 'complete', sent: true, httpStatus: 200, streamed: false });
  const instead =
    begun.insteadOf === null ? '' : `, because the cap has no room for ${begun.insteadOf.model}`;
  process.stdout.write(`thought with ${begun.model}${instead}\n`);
  return true;
}

await books.run({ usd: '0.10', username: 'ann' }, async (run) => {
  await think('gpt-4o');
  const search = await books.charge({ model: 'web-search', unit: 'search', quantity: 3 });
  process.stdout.write(`searched: ${search.outcome}\n`);
  await think('gpt-4o');
  await think('gpt-4o');
  const { spent, held } = await run.balance();
  process.stdout.write(`spent ${formatUsd(spent)} USD, held ${formatUsd(held)} USD of 0.10\n`);
});
