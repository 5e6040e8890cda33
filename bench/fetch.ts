/**
 * What books.fetch adds to a plain call: processor time at the median, and wall time alone, at SQLite FULL. Beside it what
 * is in that already: an answer read whole and handed on as another one, and a hold and its settle in the ledger.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Books } from '../src/books/books.ts';
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

const rounds = Number(process.env.ROUNDS ?? 15);
const callsPerRound = 1_600;
const atOnce = 32;

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
  const ask = async (carrier: typeof fetch) => {
    const response = await carrier(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    if (response.status !== 200) throw new Error(await response.text());
    await response.json();
  };
  const metered = books.fetch({ user: 'u1' });
  const calls = {
    bare: () => ask(fetch),
    metered: () => ask(metered),
    handedOn: () => ask(handingOn),
    ledger: () => pairOf(books),
  };
  const variants = (measured: (call: () => Promise<void>) => () => Promise<number>) =>
    Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, measured(call)]));
  await interleaved(5, variants(processor));
  const cpu = await interleaved(rounds, variants(processor));
  const wall = await interleaved(5, variants(alone));
  const row = (name: string, values: Record<string, number[]>, digits: number) => {
    const added = values.metered!.map((value, round) => value - values.bare![round]!);
    const anew = values.handedOn!.map((value, round) => value - values.bare![round]!);
    const least = quantile(values.metered!, 0) - quantile(values.bare!, 0);
    return [
      name,
      ...[values.bare!, values.metered!, added].map((list) => median(list).toFixed(digits)),
      least.toFixed(digits),
      ...[anew, values.ledger!].map((list) => median(list).toFixed(digits)),
    ];
  };
  say(machineLine());
  say(
    table(
      ['', 'bare', 'metered', 'added', 'least of each', 'answer anew', 'ledger'],
      [row('processor, µs a call, 32 at a time', cpu, 0), row('wall, ms a call, alone', wall, 2)],
    ),
  );
  say('wanted: at most 100 µs and 1.5 ms added');
  await books.close();
  upstream.kill();
}

/** Processor time per call in microseconds, 32 at a time. */
function processor(call: () => Promise<void>): () => Promise<number> {
  return async () => {
    const before = process.cpuUsage();
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (let index = 0; index < callsPerRound / atOnce; index++) await call();
      }),
    );
    const { user, system } = process.cpuUsage(before);
    return (user + system) / callsPerRound;
  };
}

/** Wall time of one call after the other in milliseconds, at the median of 200. */
function alone(call: () => Promise<void>): () => Promise<number> {
  return async () => {
    const times: number[] = [];
    for (let index = 0; index < 200; index++) {
      const started = performance.now();
      await call();
      times.push(performance.now() - started);
    }
    return median(times);
  };
}

async function handingOn(...asked: Parameters<typeof fetch>): Promise<Response> {
  const answer = await fetch(...asked);
  const { status, headers } = answer;
  return new Response(await answer.arrayBuffer(), { status, headers });
}

async function pairOf(books: Books): Promise<void> {
  const held = await books.reserve({ model: 'gpt-4o-mini', username: 'u1', nanocents: 50_000_000n });
  if (!('reservation' in held)) throw new Error('refused');
  await books.settle(held.reservation.id, { nanocents: 45_000_000n });
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
