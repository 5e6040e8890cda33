import { defaultBounds, type Framer, openFramer, type PayloadSink, textOf } from '../../usage/framing.ts';

type Json = Readonly<Record<string, unknown>>;

export interface ToolCall {
  readonly tool_call_id: string | null;
  readonly name: string | null;
  /** JSON text, as the model wrote it. */
  readonly arguments: string;
}

export interface SaidByModel {
  /** Null where it said nothing. */
  readonly text: string | null;
  readonly toolCalls: readonly ToolCall[];
  /** More was said than is kept. */
  readonly cut: boolean;
}

/** Characters kept of one answer. */
export const answerCharactersMax = 1_000_000;
const toolCallsMax = 1_000;

interface Call {
  id: string | null;
  name: string | null;
  arguments: string;
}

/** Puts together what a model said, from the bytes of a whole answer or of a stream, whichever provider's. */
export class AnswerText implements PayloadSink {
  readonly #framer: Framer = openFramer('auto', this, defaultBounds);
  readonly #onText: ((piece: string) => void) | undefined;
  readonly #text: string[] = [];
  readonly #calls = new Map<string, Call>();
  #characters = 0;
  #cut = false;

  /** `onText` gets each piece of text as it comes. */
  constructor(onText?: (piece: string) => void) {
    this.#onText = onText;
  }

  chunk(bytes: Uint8Array): void {
    this.#framer.push(bytes);
  }

  end(): SaidByModel {
    this.#framer.end();
    const text = this.#text.join('');
    const calls = [...this.#calls.values()];
    return {
      text: text === '' ? null : text,
      toolCalls: calls.map(({ id, name, arguments: said }) => ({ tool_call_id: id, name, arguments: said })),
      cut: this.#cut,
    };
  }

  payload(latin1: string): void {
    if (latin1.length < 3 || latin1 === '[DONE]') return;
    try {
      this.#read(JSON.parse(textOf(latin1)));
    } catch {
      // A payload that is no JSON says nothing that could be shown.
      this.#cut = true;
    }
  }

  tail(latin1: string): void {
    this.payload(latin1);
  }

  lost(): void {
    this.#cut = true;
  }

  #read(json: unknown): void {
    for (const one of Array.isArray(json) ? json : [json]) if (isObject(one)) this.#readObject(one);
  }

  #readObject(json: Json): void {
    for (const choice of objects(json.choices)) this.#readChoice(choice);
    for (const candidate of objects(json.candidates)) this.#readParts(candidate.content);
    if (json.object === 'response') this.#readItems(json.output);
    if (json.type === 'message' || json.type === 'response.output_item.done') {
      this.#readItems(json.type === 'message' ? json.content : [json.item], json.type !== 'message');
    }
    if (json.type === 'response.output_text.delta') this.#say(json.delta);
    if (json.type === 'content_block_start') this.#readBlock(json.index, json.content_block);
    if (json.type === 'content_block_delta') this.#readDelta(json.index, json.delta);
  }

  /** OpenAI's chat and everything that speaks it; several choices follow each other. */
  #readChoice(choice: Json): void {
    const said = isObject(choice.delta) ? choice.delta : isObject(choice.message) ? choice.message : choice;
    this.#say(said.content ?? said.text);
    objects(said.tool_calls).forEach((call, place) => {
      const made = isObject(call.function) ? call.function : {};
      this.#call(`${choice.index ?? 0}/${call.index ?? place}`, call.id, made.name, made.arguments);
    });
  }

  /** Gemini's parts; what it thinks is no answer. */
  #readParts(content: unknown): void {
    if (!isObject(content)) return;
    for (const part of objects(content.parts)) {
      if (part.thought !== true) this.#say(part.text);
      const call = part.functionCall;
      if (isObject(call))
        this.#call(`g${this.#calls.size}`, call.id, call.name, JSON.stringify(call.args ?? {}));
    }
  }

  /** Output items of the Responses API, and Anthropic's blocks. In a stream the text has come in pieces already. */
  #readItems(items: unknown, callsOnly = false): void {
    for (const item of objects(items)) {
      if (item.type === 'function_call' || item.type === 'custom_tool_call') {
        this.#call(String(item.call_id), item.call_id, item.name, item.arguments ?? item.input);
      } else if (item.type === 'tool_use') {
        this.#call(String(item.id), item.id, item.name, JSON.stringify(item.input ?? {}));
      } else if (!callsOnly && item.type === 'message') {
        this.#readItems(item.content);
      } else if (!callsOnly && (item.type === 'output_text' || item.type === 'text')) {
        this.#say(item.text);
      }
    }
  }

  #readBlock(index: unknown, block: unknown): void {
    if (!isObject(block)) return;
    if (block.type === 'tool_use') this.#call(`a${index}`, block.id, block.name, '');
    else if (block.type === 'text') this.#say(block.text);
  }

  #readDelta(index: unknown, delta: unknown): void {
    if (!isObject(delta)) return;
    if (delta.type === 'text_delta') this.#say(delta.text);
    if (delta.type === 'input_json_delta') this.#call(`a${index}`, undefined, undefined, delta.partial_json);
  }

  #say(text: unknown): void {
    if (typeof text === 'string' && text !== '') {
      const kept = this.#kept(text);
      this.#text.push(kept);
      if (kept !== '') this.#onText?.(kept);
      return;
    }
    // Some write a message's content as parts.
    for (const part of objects(text)) if (part.type === 'text') this.#say(part.text);
  }

  #call(place: string, id: unknown, name: unknown, said: unknown): void {
    let call = this.#calls.get(place);
    if (call === undefined) {
      if (this.#calls.size >= toolCallsMax) {
        this.#cut = true;
        return;
      }
      call = { id: null, name: null, arguments: '' };
      this.#calls.set(place, call);
    }
    if (typeof id === 'string') call.id = id;
    if (typeof name === 'string' && name !== '') call.name = name;
    if (typeof said === 'string') call.arguments += this.#kept(said);
  }

  #kept(text: string): string {
    const room = answerCharactersMax - this.#characters;
    this.#characters += Math.min(room, text.length);
    if (text.length <= room) return text;
    this.#cut = true;
    return text.slice(0, room);
  }
}

function objects(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
