import type { Scope, ScopeChargeInput } from '../books/scope.ts';
import { NanocentError } from '../errors/error.ts';
import type { Entry } from '../store/entry.ts';
import type { LlmMessage, LlmTool } from './message.ts';
import type { LlmModel, PromptInput } from './model.ts';
import { inputOf } from './request.ts';
import type { LlmResponse } from './response.ts';

/** Steps of a chain before it is stopped; a model that only calls tools would go on for ever. */
const stepsMaxDefault = 10;

/** Several prompts under one reservation: `await using tx = await model.reserve({ usd: 1 })`. Settled once, with the sum. */
export class LlmTransaction implements AsyncDisposable {
  readonly #model: LlmModel;
  readonly #scope: Scope;

  constructor(model: LlmModel, scope: Scope) {
    this.#model = model;
    this.#scope = scope;
  }

  /** Of the reservation. */
  get id(): string {
    return this.#scope.id;
  }

  /** Nanocents of every prompt that ended. */
  get spent(): bigint {
    return this.#scope.spent;
  }

  /** Nanocents left of what was set aside. */
  get remaining(): bigint {
    return this.#scope.remaining;
  }

  /** Asks, and waits for the whole answer. Throws ReservationExceededError, with the response, when more is spent than set aside. */
  async prompt(text: string, input: PromptInput = {}): Promise<LlmResponse> {
    return this.ask([{ role: 'user', text }], { ...input, tools: [] });
  }

  /** As `model.chain`, under this reservation. */
  async chain(
    text: string,
    input: PromptInput & { readonly tools: readonly LlmTool[]; readonly stepsMax?: number },
  ): Promise<LlmResponse> {
    const { stepsMax = stepsMaxDefault } = input;
    const messages: LlmMessage[] = [{ role: 'user', text }];
    for (let step = 0; step < stepsMax; step++) {
      const response = await this.ask(messages, input);
      const { text: answer, toolCalls } = await response.said();
      if (toolCalls.length === 0) return response;
      messages.push({ role: 'assistant', text: answer, toolCalls });
      for (const call of toolCalls) {
        const tool = input.tools.find(({ name }) => name === call.name);
        const output = tool ? await tool.run(inputOf(call.arguments)) : `there is no tool ${call.name}`;
        messages.push({
          role: 'tool',
          call,
          output: typeof output === 'string' ? output : JSON.stringify(output),
        });
      }
    }
    throw new NanocentError('chain_too_long', `the model still called tools after ${stepsMax} steps`, {
      field: 'stepsMax',
      fix: 'allow more steps, or give it fewer tools; what was made is booked',
    });
  }

  /** Own units, such as a search that a tool made, out of the same money. */
  charge(input: ScopeChargeInput): Promise<Entry> {
    return this.#scope.charge(input);
  }

  /** Settles with the sum and frees the rest. Throws ReservationExceededError for an overrun that nobody was told of. */
  async end(): Promise<void> {
    await this.#scope.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  /** For the parts of this room: a whole conversation as it stands, answered. */
  async ask(
    messages: readonly LlmMessage[],
    input: PromptInput & { readonly tools: readonly LlmTool[] },
  ): Promise<LlmResponse> {
    const response = await this.#model.ask(this.#scope, messages, input, async () => {});
    await response.said();
    this.#scope.throwIfExceeded(response);
    return response;
  }
}
