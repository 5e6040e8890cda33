import type { Books } from '../books/books.ts';
import { NanocentError } from '../errors/error.ts';
import type { ReservationExceededError } from '../errors/named.ts';
import { AnswerText, type SaidByModel } from '../meter/wire/answer-text.ts';
import type { Entry } from '../store/entry.ts';

/** What ended a response's reservation: throws the overrun, once. */
export type AfterEnd = (response: LlmResponse) => Promise<void>;

/**
 * One answer of a model. It is read and booked whether or not anybody listens; `for await` gives its text as it comes. When
 * it cost more than was set aside, it is booked in full, and `text()` throws ReservationExceededError once, with this response.
 */
export class LlmResponse implements AsyncIterable<string> {
  /** Of the call and its entry. */
  readonly callId: string;
  readonly #books: Pick<Books, 'reads'>;
  readonly #pieces: string[] = [];
  readonly #done: Promise<SaidByModel>;
  #said: SaidByModel | null = null;
  #overrun: ReservationExceededError | null = null;
  #failure: unknown = null;
  #wake: () => void = () => {};

  constructor(books: Pick<Books, 'reads'>, answer: Response, afterEnd: AfterEnd) {
    this.#books = books;
    this.callId = answer.headers.get('x-nanocent-call-id') ?? '';
    this.#done = this.#read(answer, afterEnd);
    // Whoever asks gets it; nobody has to.
    this.#done.catch(() => {});
  }

  /** The whole text. Throws what broke the answer off, and ReservationExceededError the first time it is asked. */
  async text(): Promise<string> {
    const { text } = await this.said();
    return text ?? '';
  }

  /** Text and tool calls; throws as `text` does. */
  async said(): Promise<SaidByModel> {
    const said = await this.#done;
    const overrun = this.#overrun;
    this.#overrun = null;
    if (overrun) throw overrun;
    return said;
  }

  async *[Symbol.asyncIterator](): AsyncIterator<string> {
    for (let next = 0; ; ) {
      const piece = this.#pieces[next];
      if (piece !== undefined) {
        next += 1;
        yield piece;
      } else if (this.#said !== null || this.#failure !== null) {
        break;
      } else {
        await new Promise<void>((resolve) => {
          const before = this.#wake;
          this.#wake = () => {
            before();
            resolve();
          };
        });
      }
    }
    if (this.#failure !== null) throw this.#failure;
    await this.said();
  }

  /** The entry that it was booked with: counts, model as served, basis. */
  async usage(): Promise<Entry> {
    await this.#done;
    const query = { filter: {}, from: null, to: null, callId: this.callId, limit: 1 };
    const { entries } = await this.#books.reads.entries(query);
    if (entries[0]) return entries[0];
    throw new NanocentError(
      'entry_not_found',
      `call ${this.callId} has no entry: it was not billed, or waits in the spool`,
    );
  }

  /** What it cost in nanocents; null where its price is not known. */
  async charge(): Promise<bigint | null> {
    return (await this.usage()).nanocents;
  }

  /** What broke the reservation's bounds, as whoever holds it found; thrown by `text`. */
  exceeded(overrun: ReservationExceededError): void {
    this.#overrun = overrun;
  }

  async #read(answer: Response, afterEnd: AfterEnd): Promise<SaidByModel> {
    const heard = new AnswerText((piece) => {
      this.#pieces.push(piece);
      this.#wake();
    });
    try {
      for await (const bytes of answer.body ?? []) heard.chunk(bytes);
      await afterEnd(this);
      this.#said = heard.end();
      return this.#said;
    } catch (error) {
      this.#failure = error;
      await afterEnd(this).catch(() => {});
      throw error;
    } finally {
      this.#wake();
    }
  }
}
