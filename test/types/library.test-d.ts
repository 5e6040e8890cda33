// Checked by the compiler alone (npm run check): what callers may rely on, and what must not compile.
import Anthropic from '@anthropic-ai/sdk';
import {
  type Books,
  type Charged,
  type ErrorCode,
  InsufficientBalanceError,
  type LlmModel,
  type LlmResponse,
  LlmTransaction,
  LlmWrapper,
  NanocentError,
  type Nanocents,
  ReservationExceededError,
  type Reserved,
  TokensExhausted,
  throwIfRefused,
} from 'nanocent';
import OpenAI from 'openai';

type Equal<Left, Right> =
  (<Of>() => Of extends Left ? 1 : 2) extends <Of>() => Of extends Right ? 1 : 2 ? true : false;
function is<_Claim extends true>(): void {}

declare const books: Books;

// A metered fetch is a fetch, and clients take it as one.
is<Equal<ReturnType<Books['fetch']>, typeof fetch>>();
new OpenAI({ fetch: books.fetch({ user: 'ann', tags: { team: 'search' } }) });
new Anthropic({ fetch: books.fetch() });
books.fetch({ throwRefusals: true, sizing: 'estimate' });
// @ts-expect-error: who a call is for is a name
books.fetch({ user: 7 });
// @ts-expect-error: sizings are worst, estimate and fixed
books.fetch({ sizing: 'guess' });

// The wrapper.
async function wrapper(): Promise<void> {
  const llm = new LlmWrapper(books, { models: { default: 'gpt-4o-mini', block: ['o1'] } });
  const models = await llm.getAsyncModels({ purpose: 'chat' });
  is<Equal<typeof models, readonly LlmModel[]>>();
  const model = await llm.getAsyncModel('gpt-4o-mini', { purpose: 'chat' });
  const response = await model.prompt('Hello', { usd: '0.05', system: 'Be brief', maxTokens: 10 });
  is<Equal<typeof response, LlmResponse>>();
  is<Equal<Awaited<ReturnType<typeof response.charge>>, bigint | null>>();
  for await (const piece of response) is<Equal<typeof piece, string>>();
  await using tx = await model.reserve({ usd: 1 });
  is<Equal<typeof tx, LlmTransaction>>();
  is<Equal<typeof tx.spent, bigint>>();
  const text = await model.reserve({ nanocents: 50_000_000_000n }, async (inside) =>
    (await inside.prompt('Hello')).text(),
  );
  is<Equal<typeof text, string>>();
  // @ts-expect-error: nanocents are whole, and so bigint
  await model.prompt('Hello', { nanocents: 0.5 });
  // @ts-expect-error: a prompt has a text
  await model.prompt();
}
void wrapper;
void LlmTransaction;

// Results are switched over; each outcome has its own fields.
function outcomes(reserved: Reserved, charged: Charged): void {
  if (reserved.outcome === 'reserved') {
    is<Equal<typeof reserved.replayed, boolean>>();
    // @ts-expect-error: what was held was not refused
    reserved.refusals;
  } else {
    for (const { limit, requested } of reserved.refusals) {
      is<Equal<typeof limit.id, number>>();
      is<Equal<typeof requested, bigint>>();
    }
    // @ts-expect-error: what was refused has no reservation
    reserved.reservation;
  }
  const { reservation } = throwIfRefused(reserved);
  is<Equal<typeof reservation.id, string>>();
  if (charged.outcome === 'charged') is<Equal<typeof charged.entry.nanocents, bigint | null>>();
}
void outcomes;

// Errors narrow.
function narrow(error: unknown): void {
  if (NanocentError.is(error)) is<Equal<typeof error.code, ErrorCode>>();
  if (error instanceof ReservationExceededError) is<Equal<typeof error.actualNanocents, bigint>>();
  if (error instanceof TokensExhausted) is<Equal<typeof error.resetsAt, number | null>>();
  if (error instanceof InsufficientBalanceError) is<Equal<typeof error.availableNanocents, bigint>>();
  // @ts-expect-error: nothing is known of an unknown error
  error.code;
}
void narrow;

// Money is no number.
declare const amount: Nanocents;
const plain: bigint = amount;
void plain;
// @ts-expect-error: a bigint alone is not yet an amount
const branded: Nanocents = 1n;
void branded;
// @ts-expect-error: a number is none
books.settle('id', { nanocents: 1 });
