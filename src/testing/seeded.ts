import { hash } from 'node:crypto';
import type { Ids } from '../core/context.ts';

/** Random numbers that a seed repeats. */
export interface Random {
  /** A whole number from 0 to below `bound` (at most 2^32). */
  below(bound: number): number;
  pick<T>(from: readonly T[]): T;
  /** True once in `times`. */
  onceIn(times: number): boolean;
}

/** Mulberry32: small, fast, and good enough to choose commands. Never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    below,
    pick: (from) => from[below(from.length)]!,
    onceIn: (times) => below(times) === 0,
  };
}

/** Ids that a seed repeats: UUIDv7 in shape and order, counted instead of dated. */
export function seededIds(seed: number | string = 1): Ids {
  const start = hash('sha256', `nanocent ids ${seed}`, 'hex');
  let count = 0;
  return {
    uuid() {
      count += 1;
      const counted = count.toString(16).padStart(12, '0');
      return `${counted.slice(0, 8)}-${counted.slice(8)}-7${start.slice(0, 3)}-8${start.slice(3, 6)}-${start.slice(6, 18)}`;
    },
    salt() {
      count += 1;
      return `${count.toString(16).padStart(8, '0')}${start.slice(18, 42)}`;
    },
  };
}
