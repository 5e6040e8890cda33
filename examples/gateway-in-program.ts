/** A gateway inside a program of your own, with the demo provider: `node examples/gateway-in-program.ts`. */
import { formatUsd, openBooks } from 'nanocent';
import { startDemoProvider, startGateway } from 'nanocent/gateway';

await using books = await openBooks({ store: 'memory' });
await books.limits.set({
  scope: 'USER',
  limitType: 'requests',
  max: '2',
  intervalUnit: 'day',
  username: '*',
});
const demo = await startDemoProvider();
const gateway = await startGateway({ context: books.context, providers: demo.providers, port: 0 });

for (let call = 1; call <= 3; call++) {
  const response = await fetch(`${gateway.url}/demo/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-nanocent-user': 'ann' },
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] }),
  });
  const { error } = (await response.json()) as { error?: { message: string } };
  process.stdout.write(`call ${call}: ${response.status} ${error?.message ?? ''}\n`);
}

const [latest] = await books.tail(1);
process.stdout.write(`the latest entry cost ${formatUsd(latest?.nanocents ?? 0n)} USD\n`);
await gateway.close();
await demo.close();
