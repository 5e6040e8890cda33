/**
 * OpenAI's own client through the gateway. Start `npm start -- --demo`, then
 * `node examples/gateway-openai.ts`; with a real key leave BASE_URL at http://127.0.0.1:4141/v1.
 */
import OpenAI from 'openai';

const client = new OpenAI({
  apiKey: process.env.OPENAI_API_KEY ?? 'none',
  baseURL: process.env.BASE_URL ?? 'http://127.0.0.1:4141/demo/v1',
  defaultHeaders: { 'x-nanocent-user': 'ann', 'x-nanocent-purpose': 'example' },
});

const { data, response } = await client.chat.completions
  .create({ model: 'gpt-4o-mini', max_tokens: 60, messages: [{ role: 'user', content: 'Hello' }] })
  .withResponse();
const cost = response.headers.get('x-nanocent-cost-usd');
process.stdout.write(`${data.choices[0]?.message.content}\n${cost} USD\n`);

const stream = await client.chat.completions.create({
  model: 'gpt-4o-mini',
  max_tokens: 60,
  stream: true,
  messages: [{ role: 'user', content: 'And once more, piece by piece' }],
});
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '');
process.stdout.write('\n');
