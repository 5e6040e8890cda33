import type { Books } from '../books/books.ts';
import { type Scope, type ScopeInput, withScope } from '../books/scope.ts';
import type { AmountInput } from '../core/amount-input.ts';
import { NanocentError } from '../errors/error.ts';
import { ReservationExceededError } from '../errors/named.ts';
import { LlmConversation } from './conversation.ts';
import type { LlmMessage, LlmTool } from './message.ts';
import type { LlmProvider } from './provider.ts';
import { httpRequest } from './request.ts';
import { LlmResponse } from './response.ts';
import { LlmTransaction } from './transaction.ts';

/** Who and what for, beside the model and its purpose. */
export type LlmAttribution = Omit<
  ScopeInput,
  'usd' | 'nanocents' | 'model' | 'provider' | 'purpose' | 'endpoint'
>;

/** What may be said of a prompt beside its text. */
export interface PromptInput {
  readonly system?: string;
  /** Bounds the answer, and with it what a worst case holds. */
  readonly maxTokens?: number;
  /** Further members of the provider's own request: `{ temperature: 0 }`. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
}

/** A prompt, beside what it says: at most one of `usd` and `nanocents`; the configured reservation where neither is given. */
export interface ReservedPromptInput extends PromptInput, AmountInput {}

export interface ModelParts {
  readonly books: Books;
  readonly provider: LlmProvider;
  readonly id: string;
  readonly purpose: string | null;
  readonly attribution: LlmAttribution;
  readonly fetch: typeof fetch | undefined;
}

/** One model of one provider, for one purpose: everything it is asked is set aside first and booked after. */
export class LlmModel {
  readonly id: string;
  readonly provider: string;
  readonly purpose: string | null;
  readonly #parts: ModelParts;

  constructor(parts: ModelParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.provider = parts.provider.name;
    this.purpose = parts.purpose;
  }

  /**
   * Asks once, under a reservation of its own: 50 cents unless said otherwise, here, by purpose, by model or in general. Resolves when the
   * answer begins. Throws limit_refused, TokensExhausted, InsufficientBalanceError, ModelPricingNotFoundError, or the provider's refusal.
   */
  async prompt(text: string, input: ReservedPromptInput = {}): Promise<LlmResponse> {
    const scope = await this.#scope(input);
    try {
      return await this.ask(scope, [{ role: 'user', text }], { ...input, tools: [] }, endOf(scope));
    } catch (error) {
      await scope.endQuietly();
      throw error;
    }
  }

  /** Sets money aside for several prompts: exactly one of usd and nanocents. With the work as second argument it ends with it. */
  reserve(amount: AmountInput): Promise<LlmTransaction>;
  reserve<Result>(amount: AmountInput, work: (tx: LlmTransaction) => Promise<Result>): Promise<Result>;
  async reserve<Result>(
    amount: AmountInput,
    work?: (tx: LlmTransaction) => Promise<Result>,
  ): Promise<LlmTransaction | Result> {
    const input = { ...this.#scopeInput(), ...amount };
    if (work) return this.#parts.books.scope(input, (scope) => work(new LlmTransaction(this, scope)));
    return new LlmTransaction(this, await this.#parts.books.scope(input));
  }

  /** Prompts that remember each other, each under a reservation of its own, or all under one where `tx` is given. */
  conversation(input: { readonly system?: string; readonly tx?: LlmTransaction } = {}): LlmConversation {
    return new LlmConversation(this, input);
  }

  /** Asks, runs the tools that the model calls, and asks again until it answers: every step is booked, under one reservation. */
  async chain(
    text: string,
    input: ReservedPromptInput & { readonly tools: readonly LlmTool[]; readonly stepsMax?: number },
  ): Promise<LlmResponse> {
    return this.reserveOwn(input, (tx) => tx.chain(text, input));
  }

  /** The work under a reservation of its own, configured where no amount is given; for the parts of this room. */
  async reserveOwn<Result>(
    amount: AmountInput,
    work: (tx: LlmTransaction) => Promise<Result>,
  ): Promise<Result> {
    const scope = await this.#scope(amount);
    return withScope(scope, () => work(new LlmTransaction(this, scope)));
  }

  /** One call in a scope; for the parts of this room. */
  async ask(
    scope: Scope,
    messages: readonly LlmMessage[],
    input: PromptInput & { readonly tools: readonly LlmTool[] },
    afterEnd: (response: LlmResponse) => Promise<void>,
  ): Promise<LlmResponse> {
    const { books, provider, id, purpose, attribution, fetch: carrier } = this.#parts;
    const { system, maxTokens, options, tools, signal } = input;
    const request = httpRequest(provider, { model: id, system, messages, tools, maxTokens, options });
    const metered = books.fetch({
      ...named(attribution),
      ...(purpose === null ? {} : { purpose }),
      ...(carrier === undefined ? {} : { fetch: carrier }),
      provider: provider.name,
      scope,
      throwRefusals: true,
    });
    const answer = await metered(request.url, {
      method: 'POST',
      headers: request.headers,
      body: request.body,
      ...(signal ? { signal } : {}),
    });
    if (answer.ok) return new LlmResponse(books, answer, afterEnd);
    throw await providerError(provider.name, answer);
  }

  #scope(input: ReservedPromptInput): Promise<Scope> {
    const { usd, nanocents } = input;
    const amount =
      usd === undefined && nanocents === undefined
        ? {
            nanocents: this.#parts.books.fixedReservation({
              model: this.id,
              ...(this.purpose ? { purpose: this.purpose } : {}),
            }),
          }
        : { usd, nanocents };
    return this.#parts.books.scope({ ...this.#scopeInput(), ...amount });
  }

  #scopeInput(): Omit<ScopeInput, 'usd' | 'nanocents'> {
    const { attribution, purpose, provider, id } = this.#parts;
    return { ...attribution, ...(purpose === null ? {} : { purpose }), provider: provider.name, model: id };
  }
}

/** Ends the reservation with its only prompt, and hands the overrun to the response. */
function endOf(scope: Scope): (response: LlmResponse) => Promise<void> {
  return async (response) => {
    await scope.endQuietly();
    try {
      scope.throwIfExceeded(response);
    } catch (error) {
      if (!(error instanceof ReservationExceededError)) throw error;
      response.exceeded(error);
    }
  };
}

function named({ caller, username, project, session, key, tags }: LlmAttribution) {
  const said = Object.entries({ caller, username, project, session, key, tags });
  return Object.fromEntries(said.filter(([, value]) => value !== undefined));
}

/** Of a provider's own words, as many as help. */
const shownCharacters = 500;

async function providerError(name: string, answer: Response): Promise<NanocentError> {
  const text = (await answer.text()).slice(0, shownCharacters);
  return new NanocentError('provider_refused', `${name} answered ${answer.status}: ${text}`, {
    data: { httpStatus: answer.status },
  });
}
