import type { Task } from '../store/task.ts';
import type { Accountant, AccountantContext } from './accountant.ts';
import { type CallLimits, callAccountant, contextOf, isRefusal, jsonTx } from './accountant-call.ts';
import {
  type AccountantsBody,
  accountantsBody,
  accountantsKind,
  rollback,
  type Step,
  sameDueInMs,
  taskNext,
} from './accountants-task.ts';
import type { LedgerService } from './ledger.ts';
import { pauseMs } from './pauses.ts';
import { change, claimMs, end, shortMessage, type TaskWorker } from './task-worker.ts';

/** A settle is tried for ever, later and later: it is never dropped. */
export const accountantPausesMs: readonly number[] = [1, 2, 4, 8, 15, 30, 60, 120, 300, 600, 1800, 3600].map(
  (seconds) => seconds * 1000, // count: of milliseconds
);

/** How long what accountants know of a reservation is kept for a late settle, once it has run out or was voided. */
export const correctableMs = 30 * 24 * 3_600_000;

/** Tells the accountants of one reservation how it ended; each step is written down before the next. */
export class AccountantsEnd implements TaskWorker {
  readonly kind = accountantsKind;
  readonly #ledger: LedgerService;
  readonly #accountants: ReadonlyMap<string, Accountant>;
  readonly #limits: CallLimits;

  constructor(ledger: LedgerService, accountants: readonly Accountant[], limits: CallLimits) {
    this.#ledger = ledger;
    this.#accountants = new Map(accountants.map((accountant) => [accountant.name, accountant]));
    this.#limits = limits;
  }

  async work(claimed: Task): Promise<boolean> {
    if (accountantsBody(claimed).end === null) return this.#takeOver(claimed);
    const { reservationId, steps } = accountantsBody(claimed);
    const reservation = await this.#ledger.reads.reservation(reservationId);
    const context = contextOf(reservationId, reservation?.draft ?? null);
    let task: Task | null = claimed;
    let error: string | null = null;
    for (const index of steps.keys()) {
      const told = await this.#tell(task, index, context);
      task = told.task;
      error ??= told.error;
      // Deleted, or ended anew, by somebody else: theirs is the rest.
      if (task === null) return error === null;
    }
    return this.#rest(task, error);
  }

  /** Whoever reserved is gone before all were asked: nothing was called, so nothing is held any longer. */
  async #takeOver(task: Task): Promise<boolean> {
    const { reservationId } = accountantsBody(task);
    await this.#ledger.write({ kind: 'void', id: reservationId, keep: {} });
    const ended = await this.#ledger.reads.task(task.key);
    if (ended === null || accountantsBody(ended).end === null) return false;
    const claimed = await change(this.#ledger, ended, { ...ended, dueInMs: claimMs });
    return claimed === null ? false : this.work(claimed);
  }

  /** Brings one step to the end that the task names. A step that fails leaves the others to go on. */
  async #tell(
    task: Task,
    index: number,
    context: Omit<AccountantContext, 'signal'>,
  ): Promise<{ readonly task: Task | null; readonly error: string | null }> {
    const body = accountantsBody(task);
    const step = body.steps[index]!;
    if (isDone(step, body)) return { task, error: null };
    const accountant = this.#accountants.get(step.name);
    if (!accountant) {
      return { task, error: `${step.name}: no accountant of that name is registered here` };
    }
    let next = step;
    try {
      if (step.state === 'asking') {
        next = await this.#askAgain(accountant, body, context);
        const written = await this.#write(task, index, next);
        if (written === null || next.state === 'refused') return { task: written, error: null };
        return await this.#tell(written, index, context);
      }
      next = await this.#tellEnd(accountant, step, body, context);
    } catch (error) {
      return { task, error: `${step.name}: ${shortMessage(error)}` };
    }
    return { task: await this.#write(task, index, next), error: null };
  }

  /** Asked once, and its answer lost with a process: the reservation's id tells it that it is the same. */
  async #askAgain(
    accountant: Accountant,
    { nanocents }: AccountantsBody,
    context: Omit<AccountantContext, 'signal'>,
  ): Promise<Step> {
    const { name } = accountant;
    try {
      const tx = await callAccountant(this.#limits, (signal) =>
        accountant.reserve(BigInt(nanocents), { ...context, signal }),
      );
      return { name, state: 'reserved', tx: jsonTx(name, tx) };
    } catch (error) {
      if (isRefusal(error)) return { name, state: 'refused' };
      throw error;
    }
  }

  async #tellEnd(
    accountant: Accountant,
    step: Step,
    body: AccountantsBody,
    context: Omit<AccountantContext, 'signal'>,
  ): Promise<Step> {
    const told = body.end!;
    const tx = step.tx ?? null;
    await callAccountant(this.#limits, (signal) =>
      told === rollback
        ? accountant.rollback(tx, { ...context, signal })
        : accountant.settle(tx, BigInt(told), { ...context, signal }),
    );
    return { ...step, state: 'told', told };
  }

  /** Writes a step down, on top of whatever else happened to the task meanwhile. Null where the rest is somebody else's. */
  async #write(task: Task, index: number, step: Step): Promise<Task | null> {
    let latest: Task | null = task;
    while (latest !== null) {
      const body = accountantsBody(latest);
      const steps = body.steps.map((one, place) => (place === index ? step : one));
      const moved = latest.version !== task.version;
      const dueInMs = moved ? sameDueInMs(latest) : claimMs;
      const next = { ...taskNext({ ...body, steps }, dueInMs), attempts: latest.attempts };
      const changed = await change(this.#ledger, latest, next);
      if (changed !== null) return moved ? null : changed;
      latest = await this.#ledger.reads.task(latest.key);
    }
    return null;
  }

  async #rest(task: Task, error: string | null): Promise<boolean> {
    if (error !== null) {
      const attempts = task.attempts + 1;
      const dueInMs = pauseMs(accountantPausesMs, attempts, task.key);
      await change(this.#ledger, task, { ...task, dueInMs, attempts, error });
      return false;
    }
    const body = accountantsBody(task);
    const asked = body.steps.some(({ state }) => state === 'told');
    if (body.correctable && asked && !body.kept) {
      await change(this.#ledger, task, taskNext({ ...body, kept: true }, correctableMs));
    } else {
      await end(this.#ledger, task);
    }
    return true;
  }
}

function isDone(step: Step, { end: told }: AccountantsBody): boolean {
  return step.state === 'none' || step.state === 'refused' || (step.state === 'told' && step.told === told);
}
