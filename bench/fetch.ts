/** What books.fetch adds to a plain call: processor time at the median, and wall time alone, at SQLite FULL. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openBooks } from '../src/books/open-books.ts';
import { interleaved, machineLine, median, quantile, say, table, temporaryFolder } from './support.ts';

const answer = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_790_000_000,
  model: 'gpt-4o-mini-2024-07-18',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'A short answer of some words.' },
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 1000, completion_tokens: 200, total_tokens: 1200 },
});

if (process.argv[2] === 'upstream') {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
    });
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
} else {
  await measure();
}

async function measure(): Promise<void> {
  const upstream = fork(import.meta.filename, ['upstream']);
  const [port] = await once(upstream, 'message');
  const url = `http://127.0.0.1:${port}/v1/chat/completions`;
  const body = JSON.stringify({
    model: 'gpt-4o-mini',
    max_tokens: 300,
    messages: [{ role: 'user', content: 'A question of some words.' }],
  });
  const books = await booksUnderLimits();
  const metered = books.fetch({ user: 'u1' });
  const call = async (carrier: typeof fetch) => {
    const response = await carrier(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    if (response.status !== 200) throw new Error(await response.text());
    await response.json();
  };

  /** Processor time per call in microseconds, 32 at a time. */
  const processor = (carrier: typeof fetch) => async () => {
    const calls = 1_000;
    const before = process.cpuUsage();
    await Promise.all(
      Array.from({ length: 32 }, async () => {
        for (let index = 0; index < calls / 32; index++) await call(carrier);
      }),
    );
    const { user, system } = process.cpuUsage(before);
    return (user + system) / calls;
  };
  /** Wall time of one call after the other in milliseconds, at the median of 200. */
  const alone = (carrier: typeof fetch) => async () => {
    const times: number[] = [];
    for (let index = 0; index < 200; index++) {
      const started = performance.now();
      await call(carrier);
      times.push(performance.now() - started);
    }
    return median(times);
  };

  await processor(fetch)();
  await processor(metered)();
  const cpu = await interleaved(9, { bare: processor(fetch), metered: processor(metered) });
  const wall = await interleaved(5, { bare: alone(fetch), metered: alone(metered) });
  const row = (name: string, values: Record<string, number[]>, digits: number) => {
    const added = values.metered!.map((value, round) => value - values.bare![round]!);
    return [
      name,
      ...[values.bare!, values.metered!, added].map((list) => median(list).toFixed(digits)),
      `${quantile(added, 0).toFixed(digits)} to ${quantile(added, 1).toFixed(digits)}`,
    ];
  };
  say(machineLine());
  say(
    table(
      ['', 'bare', 'metered', 'added', 'added, all rounds'],
      [row('processor, µs a call, 32 at a time', cpu, 0), row('wall, ms a call, alone', wall, 2)],
    ),
  );
  say('wanted: at most 100 µs and 1.5 ms added');
  await books.close();
  upstream.kill();
}

async function booksUnderLimits() {
  const books = await openBooks({ store: join(temporaryFolder(), 'fetch.sqlite'), environment: {} });
  for (const limitType of ['cost', 'requests', 'total_tokens']) {
    await books.limits.set({
      scope: 'GLOBAL',
      limitType,
      max: limitType === 'cost' ? '10000000' : '1000000000000',
      intervalUnit: 'day',
    });
  }
  return books;
}
