/**
 * Anthropic's own client through the gateway. Start `npm start -- --demo`, then
 * `node examples/gateway-anthropic.ts`; with a real key set BASE_URL to http://127.0.0.1:4141.
 */
import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({
  apiKey: process.env.ANTHROPIC_API_KEY ?? 'none',
  baseURL: process.env.BASE_URL ?? 'http://127.0.0.1:4141/demo',
  defaultHeaders: { 'x-nanocent-user': 'ann', 'x-nanocent-tags': 'team=red' },
});

const stream = client.messages.stream({
  model: 'claude-haiku-4-5',
  max_tokens: 60,
  messages: [{ role: 'user', content: 'Hello' }],
});
stream.on('text', (text) => process.stdout.write(text));
const { usage } = await stream.finalMessage();
process.stdout.write(`\n${usage.input_tokens} tokens in, ${usage.output_tokens} out\n`);
