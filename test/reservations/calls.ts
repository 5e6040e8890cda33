import type { Books } from '../../src/books/books.ts';
import { openBooks } from '../../src/books/open-books.ts';
import type { BeginOptions, Booked, CallInput, Ending } from '../../src/meter/call.ts';
import { createMeter } from '../../src/meter/meter.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';

/** gpt-4o-mini at 0.15 and 0.60 USD a million tokens: 100 in and 50 out are 4,500,000 nanocents. */
export const mini: CallInput = {
  model: 'gpt-4o-mini',
  provider: 'openai',
  api: 'chat.completions',
  endpoint: '/v1/chat/completions',
  requestBytes: 400,
  request: { inputTokensMax: 400, outputTokensMax: 100, choices: 1 },
};

/** 400 × 15,000 + 100 × 60,000. */
export const miniWorst = 12_000_000n;

export const complete: Ending = { ended: 'complete', sent: true, httpStatus: 200, streamed: false };

export const answer = (input: number, output: number, model = 'gpt-4o-mini') =>
  Buffer.from(
    JSON.stringify({
      id: 'x',
      model,
      choices: [{ message: { content: 'Hi' } }],
      usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
    }),
  );

export async function open(options: Parameters<typeof openBooks>[0] = {}) {
  const clock = fakeClock('2026-11-22T12:00:00Z');
  const books = await openBooks({ store: 'memory', environment: {}, clock, ...options });
  return { books, clock };
}

export async function begin(books: Books, call: CallInput, options: BeginOptions = {}) {
  const begun = await createMeter(books.context, { settlePausesMs: [1] }).begin(call, options);
  if (begun.outcome !== 'held') throw new Error(JSON.stringify(begun.outcome));
  return begun.call;
}

/** A whole call: held, answered with these counts, booked. */
export async function prompt(
  books: Books,
  [input, output]: readonly [number, number],
  { call = mini, ...options }: BeginOptions & { readonly call?: CallInput } = {},
): Promise<Booked> {
  const held = await begin(books, call, options);
  held.chunk(answer(input, output, call.model));
  return held.finish(complete);
}

/** `spent held` of the first limit. */
export async function standing(books: Books): Promise<string> {
  const [state] = await books.limitStates();
  return `${state!.used} ${state!.held}`;
}

export async function proveBalanced(books: Books): Promise<void> {
  const { differences } = await books.verify();
  if (differences.length > 0) throw new Error(differences.join('\n'));
}
