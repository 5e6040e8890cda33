import { AsyncLocalStorage } from 'node:async_hooks';
import { type AmountInput, amountOf } from '../core/amount-input.ts';
import type { Context } from '../core/context.ts';
import { type Run as CappedRun, filledUp, runDepthMax, type SharedAttribution } from '../core/run.ts';
import { NanocentError } from '../errors/error.ts';
import { capLeg } from '../limits/run-cap.ts';

/** Exactly one of `usd` and `nanocents` is the cap; the other fields are for everything inside that does not say otherwise. */
export interface RunInput extends SharedAttribution, AmountInput {
  /** The run that this one is inside of; the one it is begun in when left out, none where null. */
  readonly run?: Run | null | undefined;
}

/** One account that the run's cap is counted on, in nanocents. */
export interface RunBalance {
  readonly spent: bigint;
  readonly held: bigint;
  /** What may still be set aside; 0 where the cap is reached or passed. */
  readonly remaining: bigint;
}

/** A cap on everything that is done inside, over models and tools, for as long as the work lasts. */
export class Run implements CappedRun {
  readonly cap: CappedRun['cap'];
  readonly attribution: SharedAttribution;
  readonly parent: CappedRun | null;
  readonly #context: Context;

  constructor(context: Context, run: CappedRun) {
    this.#context = context;
    this.cap = run.cap;
    this.attribution = run.attribution;
    this.parent = run.parent;
  }

  get id(): string {
    return this.cap.id;
  }

  /** As the ledger has it now. */
  async balance(): Promise<RunBalance> {
    const { key } = capLeg(this.cap).account;
    const [account] = await this.#context.ledger.reads.accounts([key]);
    const spent = account?.settled ?? 0n;
    const held = account?.reserved ?? 0n;
    const left = this.cap.max - spent - held;
    return { spent, held, remaining: left > 0n ? left : 0n };
  }
}

/** Which run the code that asks is in, through every await inside of it. */
export interface RunStorage {
  getStore(): Run | undefined;
  run<Result>(run: Run, work: () => Result): Result;
}

export function createRunStorage(): RunStorage {
  return new AsyncLocalStorage();
}

/** Does the work with the run around it. Its cap is an account of its own that ends with nothing held; its journal stays. */
export async function runInside<Result>(
  context: Context,
  storage: RunStorage,
  input: RunInput,
  work: (run: Run) => Promise<Result>,
): Promise<Result> {
  const { usd, nanocents, run: explicit, ...attribution } = input;
  const parent = explicit === undefined ? (storage.getStore() ?? null) : explicit;
  let depth = 1;
  for (let one: CappedRun | null = parent; one !== null; one = one.parent) depth += 1;
  if (depth > runDepthMax) {
    throw new NanocentError(
      'field_invalid',
      `runs stand ${depth} deep in each other, more than ${runDepthMax}`,
      {
        field: 'run',
        fix: 'end a run before the next one begins',
      },
    );
  }
  const shared = parent === null ? attribution : filledUp(parent.attribution, attribution);
  const max = amountOf({ usd, nanocents });
  const run = new Run(context, { cap: { id: context.ids.uuid(), max }, attribution: shared, parent });
  return storage.run(run, () => work(run));
}
