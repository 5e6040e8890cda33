import { hash } from 'node:crypto';
import { nanocentsPerUsd } from '../../money/index.ts';

/** The race's own size; short enough to be watched, and too much for its budget three times over. */
export const callers = 1000;
export const processes = 4;
export const callsPerCaller = 3;
export const budgetNanocents = 5n * nanocentsPerUsd;
/** The most that one call can cost, and what is set aside for it. */
export const callNanocentsMax = nanocentsPerUsd / 100n;
/** Callers arrive evenly over this time. */
export const arrivalMs = 6_000;
/** A hold that nobody settles is charged after this. */
export const holdMs = 3_000;
/** Callers that are told to wait for holds of others wait so long, until `patienceMs` after the start. */
export const retryMs = 150;
export const patienceMs = 9_000;

/** What a process is told. */
export interface CallersOptions {
  readonly seed: number;
  /** From 0. */
  readonly process: number;
  /** The ledger whose limit holds, and the one that check-then-act keeps. */
  readonly files: Readonly<Record<Contest, string>>;
}

export type Contest = 'nanocent' | 'model';

/** One call as its seed has it, the same in both contests. */
export interface PlannedCall {
  /** After the start, for the first; else after the call before it. */
  readonly afterMs: number;
  /** How long the provider takes. */
  readonly answerMs: number;
  /** What the provider bills. */
  readonly nanocents: bigint;
}

export function callsOf(seed: number, caller: number): PlannedCall[] {
  return Array.from({ length: callsPerCaller }, (_, call) => {
    const bytes = Buffer.from(hash('sha256', `nanocent race ${seed} ${caller} ${call}`, 'hex'), 'hex');
    const below = (at: number, bound: number) => bytes.readUInt32LE(at) % bound;
    return {
      afterMs: below(0, call === 0 ? arrivalMs : 1000),
      answerMs: 50 + below(4, 450),
      nanocents: callNanocentsMax / 5n + (callNanocentsMax * 4n * BigInt(below(8, 1001))) / 5000n,
    };
  });
}

/** Callers are dealt to the processes in turn. */
export function callersOf(process: number): number[] {
  return Array.from({ length: callers }, (_, caller) => caller).filter((one) => one % processes === process);
}
