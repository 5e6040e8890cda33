/** One billed call, as far as a block of hours needs it. */
export interface BlockCall {
  /** Epoch milliseconds; calls come in their order. */
  readonly at: number;
  /** Null: no price is known. */
  readonly nanocents: bigint | null;
}

export interface Block {
  /** `[start, end)`; the start is a full hour (UTC), as the agents' own limits count. */
  readonly start: number;
  readonly end: number;
  readonly firstAt: number;
  readonly nanocents: bigint;
  readonly unpriced: number;
}

const hourMs = 3_600_000;
/** A block lasts five hours from the hour of its first call; the next one begins with the first call after it. */
export const blockMs = 5 * hourMs;

/** The block that `now` lies in; null when the last one has ended. Calls must go back to a pause of five hours. */
export function currentBlock(calls: readonly BlockCall[], now: number): Block | null {
  let block: Block | null = null;
  let lastAt = Number.NEGATIVE_INFINITY;
  for (const { at, nanocents } of calls) {
    if (at > now) break;
    if (block === null || at >= block.end || at - lastAt >= blockMs) {
      const start = Math.floor(at / hourMs) * hourMs;
      block = { start, end: start + blockMs, firstAt: at, nanocents: 0n, unpriced: 0 };
    }
    lastAt = at;
    block = {
      ...block,
      nanocents: block.nanocents + (nanocents ?? 0n),
      unpriced: block.unpriced + (nanocents === null ? 1 : 0),
    };
  }
  return block !== null && now < block.end ? block : null;
}

/** Nanocents an hour since the block's first call; null in its first minute, which says nothing yet. */
export function burnRate(block: Block, now: number): bigint | null {
  const elapsedMs = now - block.firstAt;
  return elapsedMs < 60_000 ? null : (block.nanocents * BigInt(hourMs)) / BigInt(elapsedMs);
}
