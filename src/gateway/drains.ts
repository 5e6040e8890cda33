/** How many answers are read to their end although their client has left, and for how long. */
export class Drains {
  readonly #max: number;
  readonly #forMs: number;
  #running = 0;

  constructor(max: number, forMs: number) {
    this.#max = max;
    this.#forMs = forMs;
  }

  /** Begins one and gives the way to end it; null when as many run as may. `onTimeout` runs when its time is up. */
  begin(onTimeout: () => void): (() => void) | null {
    if (this.#running >= this.#max) return null;
    this.#running += 1;
    const timer = setTimeout(onTimeout, this.#forMs).unref();
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      this.#running -= 1;
    };
  }
}
