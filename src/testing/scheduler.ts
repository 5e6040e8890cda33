import type { Random } from './seeded.ts';

/** A process that stands at one of its awaits, as whoever chooses sees it. */
export interface Parked {
  readonly process: number;
  /** What it is about to do. */
  readonly label: string;
  /** False while it waits for a lock that another one holds. */
  readonly ready: boolean;
}

/** What happens next: a process takes its step, or dies where it stands; null lets nothing more happen. */
export type Choice = { readonly process: number; readonly crash?: boolean } | null;

interface Place {
  readonly label: string;
  readonly isReady: () => boolean;
  readonly resume: () => void;
}

/**
 * Runs several processes in one thread, one step at a time, in an order that is chosen from outside: every await of a process
 * is a `step`, and between two steps nobody else moves. The same choices give the same run.
 */
export class Scheduler {
  readonly #parked = new Map<number, Place>();
  readonly #alive = new Set<number>();
  readonly #onCrash: (process: number) => void;
  #idle: () => void = () => {};
  #failure: { readonly error: unknown } | null = null;
  /** Steps taken so far. */
  steps = 0;

  constructor(onCrash: (process: number) => void) {
    this.#onCrash = onCrash;
  }

  /** Begins a process; it stands still before its first step. */
  async spawn(process: number, script: () => Promise<void>): Promise<void> {
    this.#alive.add(process);
    await this.#untilIdle(() => {
      const whole = this.step(process, 'begin').then(script);
      whole
        .catch((error) => {
          this.#failure ??= { error };
        })
        .finally(() => this.#end(process));
    });
  }

  /** Waits until this process is chosen. One that has crashed waits for ever. */
  step(process: number, label: string, isReady: () => boolean = () => true): Promise<void> {
    if (!this.#alive.has(process)) return new Promise(() => {});
    if (this.#parked.has(process)) throw new Error(`process ${process} stands at two awaits: ${label}`);
    return new Promise((resume) => {
      this.#parked.set(process, { label, isReady, resume });
      this.#idle();
    });
  }

  /** Who stands where, in the order of their numbers. */
  parked(): Parked[] {
    return [...this.#parked]
      .map(([process, { label, isReady }]) => ({ process, label, ready: isReady() }))
      .sort((left, right) => left.process - right.process);
  }

  /** Lets `choose` decide step by step until all have ended. Throws what a script threw, and on a deadlock. */
  async run(choose: (parked: readonly Parked[]) => Choice | Promise<Choice>): Promise<void> {
    for (;;) {
      if (this.#failure) throw this.#failure.error;
      const parked = this.parked();
      if (parked.length === 0) return;
      if (!parked.some(({ ready }) => ready)) {
        throw new Error(
          `deadlock: ${parked.map(({ process, label }) => `${process} at ${label}`).join(', ')}`,
        );
      }
      const choice = await choose(parked);
      if (choice === null) return;
      if (choice.crash) this.crash(choice.process);
      else await this.take(choice.process);
    }
  }

  /** One step of one process: it runs until it stands at its next await, or has ended. */
  async take(process: number): Promise<void> {
    const place = this.#parked.get(process);
    if (!place) throw new Error(`process ${process} stands at no await`);
    this.#parked.delete(process);
    this.steps += 1;
    await this.#untilIdle(() => place.resume());
    if (this.#failure) throw this.#failure.error;
  }

  /** The process never takes another step; what it held is taken from it. */
  crash(process: number): void {
    this.#alive.delete(process);
    this.#parked.delete(process);
    this.#onCrash(process);
  }

  #end(process: number): void {
    if (!this.#alive.delete(process)) return;
    this.#idle();
  }

  #untilIdle(begin: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.#idle = resolve;
      begin();
    });
  }
}

/** Any of those that can go on, each as likely. */
export function anyReady(random: Random, parked: readonly Parked[]): number {
  return random.pick(parked.filter(({ ready }) => ready)).process;
}
