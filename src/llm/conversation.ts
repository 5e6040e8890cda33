import type { LlmMessage } from './message.ts';
import type { LlmModel, ReservedPromptInput } from './model.ts';
import type { LlmResponse } from './response.ts';
import type { LlmTransaction } from './transaction.ts';

/** Prompts that remember each other. One at a time: the next one waits for the answer to the one before. */
export class LlmConversation {
  readonly #model: LlmModel;
  readonly #system: string | undefined;
  readonly #tx: LlmTransaction | undefined;
  readonly #messages: LlmMessage[] = [];

  constructor(model: LlmModel, { system, tx }: { readonly system?: string; readonly tx?: LlmTransaction }) {
    this.#model = model;
    this.#system = system;
    this.#tx = tx;
  }

  /** What was said so far. */
  get messages(): readonly LlmMessage[] {
    return this.#messages;
  }

  /** Asks with everything said before, and waits for the answer. Throws as `model.prompt` and `tx.prompt` do. */
  async prompt(text: string, input: ReservedPromptInput = {}): Promise<LlmResponse> {
    const messages: LlmMessage[] = [...this.#messages, { role: 'user', text }];
    const said = { ...(this.#system === undefined ? {} : { system: this.#system }), ...input, tools: [] };
    const response = await (this.#tx ?? this.#alone(input)).ask(messages, said);
    const { text: answer, toolCalls } = await response.said();
    this.#messages.push({ role: 'user', text }, { role: 'assistant', text: answer, toolCalls });
    return response;
  }

  /** A reservation for one prompt of the conversation. */
  #alone(input: ReservedPromptInput): Pick<LlmTransaction, 'ask'> {
    const { usd, nanocents } = input;
    return {
      ask: (messages, said) => this.#model.reserveOwn({ usd, nanocents }, (tx) => tx.ask(messages, said)),
    };
  }
}
