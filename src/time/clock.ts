/** Where "now" comes from. Inner rooms never read a clock themselves; a store answers with its own, clamped never to go back. */
export interface Clock {
  /** Epoch milliseconds UTC, whole. */
  now(): number;
}
