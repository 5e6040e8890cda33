/** Lines by their positions, which grow and leave gaps: a bundle's line takes the place of many. */
export class JournalLines {
  readonly #positions: number[] = [];
  readonly #bodies: string[] = [];

  add(position: number, body: string): void {
    this.#positions.push(position);
    this.#bodies.push(body);
  }

  addAll(other: JournalLines): void {
    for (const [index, position] of other.#positions.entries()) this.add(position, other.#bodies[index]!);
  }

  at(position: number): string | null {
    const index = this.#indexAfter(position - 1);
    return this.#positions[index] === position ? this.#bodies[index]! : null;
  }

  after(position: number, limit: number): string[] {
    const from = this.#indexAfter(position);
    return this.#bodies.slice(from, from + limit);
  }

  #indexAfter(position: number): number {
    let low = 0;
    let high = this.#positions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#positions[middle]! <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
