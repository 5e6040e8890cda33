import { hash } from 'node:crypto';

/** Distinct rows remembered at least; twice as many at most, about 200 bytes each. */
const rowsRemembered = 250_000;

/**
 * Numbers rows that say the same word for word: two calls in the same second may, and are two calls. Equal rows that stand
 * more than 250,000 rows apart count as one, which bounds the memory.
 */
export class SeenRows {
  #current = new Map<string, number>();
  #before = new Map<string, number>();

  /** 0 for the first row with these words, 1 for the second … */
  next(words: string): number {
    const name = hash('sha256', words, 'base64').slice(0, 22);
    const seen = this.#current.get(name) ?? this.#before.get(name) ?? 0;
    this.#current.set(name, seen + 1);
    if (this.#current.size >= rowsRemembered) {
      this.#before = this.#current;
      this.#current = new Map();
    }
    return seen;
  }
}
