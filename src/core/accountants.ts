import { NanocentError } from '../errors/error.ts';
import { InsufficientBalanceError } from '../errors/named.ts';
import type { Task } from '../store/task.ts';
import type { Accountant, AccountantContext } from './accountant.ts';
import {
  accountantTimeoutMs,
  type CallLimits,
  callAccountant,
  contextOf,
  isRefusal,
  jsonTx,
} from './accountant-call.ts';
import { AccountantsEnd } from './accountants-end.ts';
import {
  type AccountantsBody,
  accountantsBody,
  accountantsKey,
  type Step,
  sameDueInMs,
  taskNext,
} from './accountants-task.ts';
import type { Context } from './context.ts';
import { reserveInRoom } from './expire-due.ts';
import type { LedgerService } from './ledger.ts';
import type { WriteRequest, WriteResult } from './request.ts';
import { change, claimMs, shortMessage, type TaskWorker } from './task-worker.ts';

type Reserve = Extract<WriteRequest, { kind: 'reserve' }>;

/** An accountant said no: those before it were rolled back, and the hold was freed. */
export interface Insufficient {
  readonly outcome: 'insufficient';
  /** Which accountant. */
  readonly accountant: string;
  readonly error: InsufficientBalanceError;
}

/** Accountants of one ledger, in order: asked after its commit, told what everything came to. */
export class Accountants {
  readonly #ledger: LedgerService;
  readonly #accountants: readonly Accountant[];
  readonly #limits: CallLimits;
  readonly #end: AccountantsEnd;

  constructor(ledger: LedgerService, accountants: readonly Accountant[], limits: CallLimits) {
    this.#ledger = ledger;
    this.#accountants = accountants;
    this.#limits = limits;
    this.#end = new AccountantsEnd(ledger, accountants, limits);
  }

  /** Works on what is left of calls that ended, also in other processes. */
  get worker(): TaskWorker {
    return this.#end;
  }

  /**
   * Reserves with the ledger, then with each accountant. Throws accountant_failed where one broke, with everything undone as
   * after a refusal, and accountant_busy where the same reserve is still with them.
   */
  async reserve(request: Reserve): Promise<WriteResult | Insufficient> {
    const accountants = this.#accountants.map(({ name }) => name);
    const result = await reserveInRoom(this.#ledger, { ...request, accountants });
    if (result.outcome === 'replayed') await this.#assertAnswered(result.id);
    if (result.outcome !== 'reserved') return result;
    if (result.replayed) {
      await this.#assertAnswered(result.reservation.id);
      return result;
    }
    const refusal = await this.#askAll(result.reservation.id);
    return refusal ?? result;
  }

  /** Tells them at once what a movement left to tell; what fails comes back by itself. */
  async ended(result: WriteResult): Promise<void> {
    const told = ['settled', 'settled_late', 'voided'];
    if (!told.includes(result.outcome) || !('reservation' in result) || !result.reservation) return;
    await this.#tellNow(result.reservation.id);
  }

  async #tellNow(reservationId: string): Promise<void> {
    const task = await this.#ledger.reads.task(accountantsKey(reservationId));
    if (task === null || accountantsBody(task).end === null) return;
    // Due later than at once: another worker has claimed it already, or it failed before.
    if (sameDueInMs(task) !== 0) return;
    const claimed = await change(this.#ledger, task, { ...task, dueInMs: claimMs });
    if (claimed !== null) await this.#end.work(claimed);
  }

  async #assertAnswered(reservationId: string): Promise<void> {
    const task = await this.#ledger.reads.task(accountantsKey(reservationId));
    if (task === null) return;
    const { end, steps } = accountantsBody(task);
    if (end !== null || steps.every(({ state }) => state === 'reserved')) return;
    throw new NanocentError('accountant_busy', `reservation ${reservationId} is still with its accountants`, {
      fix: 'ask again in a moment',
      data: { reservationId },
    });
  }

  /** Null where all of them have set it aside. */
  async #askAll(reservationId: string): Promise<Insufficient | null> {
    const reservation = await this.#ledger.reads.reservation(reservationId);
    const context = contextOf(reservationId, reservation?.draft ?? null);
    let task = await this.#ledger.reads.task(accountantsKey(reservationId));
    for (const [index, accountant] of this.#accountants.entries()) {
      if (task === null || accountantsBody(task).end !== null) throw ranOut(reservationId);
      const asked = await this.#ask(accountant, accountantsBody(task), context);
      task = await this.#answer(task, index, asked.step);
      if (asked.error === null) continue;
      // In the same transaction it says that those who have set something aside are to be rolled back.
      await this.#ledger.write({ kind: 'void', id: reservationId, keep: {} });
      if (asked.step.state !== 'asking') await this.#tellNow(reservationId);
      if (!isRefusal(asked.error)) throw failedError(accountant, asked.error);
      return { outcome: 'insufficient', accountant: accountant.name, error: insufficient(asked.error) };
    }
    if (task === null || accountantsBody(task).end !== null) throw ranOut(reservationId);
    return null;
  }

  async #ask(
    accountant: Accountant,
    { nanocents }: AccountantsBody,
    context: Omit<AccountantContext, 'signal'>,
  ): Promise<{ readonly step: Step; readonly error: unknown }> {
    const { name } = accountant;
    try {
      const tx = await callAccountant(this.#limits, (signal) =>
        accountant.reserve(BigInt(nanocents), { ...context, signal }),
      );
      return { step: { name, state: 'reserved', tx: jsonTx(name, tx) }, error: null };
    } catch (error) {
      // Whoever did not answer in time may have set it aside: it is asked once more, and rolled back.
      const state = error instanceof Error && error.name === 'TimeoutError' ? 'asking' : 'refused';
      return { step: { name, state }, error };
    }
  }

  /** Writes an answer down, and with it that the next one is asked. Null where the reservation is gone. */
  async #answer(task: Task, index: number, step: Step): Promise<Task | null> {
    let latest: Task | null = task;
    while (latest !== null) {
      const body = accountantsBody(latest);
      const goesOn = body.end === null && step.state === 'reserved';
      const steps = body.steps.map((one, place): Step => {
        if (place === index) return step;
        return goesOn && place === index + 1 ? { ...one, state: 'asking' } : one;
      });
      const allAsked = goesOn && index + 1 === steps.length;
      const dueInMs = body.end !== null ? sameDueInMs(latest) : allAsked ? null : claimMs;
      const changed = await change(this.#ledger, latest, taskNext({ ...body, steps }, dueInMs));
      if (changed !== null) return changed;
      latest = await this.#ledger.reads.task(latest.key);
    }
    return null;
  }
}

function insufficient(error: unknown): InsufficientBalanceError {
  if (error instanceof InsufficientBalanceError) return error;
  // From another copy of this package.
  const { account, askedNanocents, availableNanocents, message } = error as InsufficientBalanceError;
  return new InsufficientBalanceError({ account, askedNanocents, availableNanocents, message });
}

function failedError({ name }: Accountant, cause: unknown): NanocentError {
  return new NanocentError('accountant_failed', `accountant ${name} failed: ${shortMessage(cause)}`, {
    fix: 'nothing was reserved; ask again once it works',
    data: { accountant: name },
    cause,
  });
}

function ranOut(reservationId: string): NanocentError {
  const message = `reservation ${reservationId} ran out while its accountants were asked`;
  return new NanocentError('reservation_ended', message, {
    fix: 'reserve again, for longer',
    data: { reservationId },
  });
}

/** The time that one call may take. Throws config_invalid for names that are none, or stand twice. */
export function assertAccountants(
  accountants: readonly Accountant[],
  timeoutMs: number = accountantTimeoutMs,
): number {
  assertNames(accountants.map(({ name }) => name));
  if (Number.isInteger(timeoutMs) && timeoutMs >= timeoutMsMin && timeoutMs <= timeoutMsMax) return timeoutMs;
  const message = `accountantTimeoutMs is ${timeoutMs}, not ${timeoutMsMin} to ${timeoutMsMax}`;
  throw new NanocentError('config_invalid', message, { field: 'accountantTimeoutMs' });
}

const timeoutMsMin = 100;
/** Less than a claim, which is renewed before every call. */
const timeoutMsMax = 20_000;

function assertNames(names: readonly string[]): void {
  const wrong = names.find((name) => typeof name !== 'string' || !/^[A-Za-z0-9._-]{1,64}$/.test(name));
  if (wrong !== undefined || names.length > accountantsMax) {
    const message =
      names.length > accountantsMax
        ? `${names.length} accountants are more than ${accountantsMax}`
        : `${JSON.stringify(wrong)} is no name of an accountant`;
    throw new NanocentError('config_invalid', message, {
      field: 'accountants',
      fix: 'a name has 1 to 64 letters, digits, dots, dashes or underscores',
    });
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new NanocentError('config_invalid', `two accountants are called ${twice}`, {
    field: 'accountants',
    fix: 'give each a name of its own, and keep it: reservations remember it',
  });
}

const accountantsMax = 16;

/**
 * One reserve for every door: with accountants where there are any, else the ledger's alone. Rejects, with nothing held, where the
 * directory has something against the user or the project.
 */
export function reserveWithAccountants(
  { ledger, accountants, directory }: Pick<Context, 'ledger' | 'accountants' | 'directory'>,
  request: Reserve,
): Promise<WriteResult | Insufficient> {
  const take = () => (accountants ? accountants.reserve(request) : reserveInRoom(ledger, request));
  return directory?.admit(request.attributes)?.then(take) ?? take();
}

/** A settle or void, and what it leaves to tell accountants. Rejects as the ledger does: accountants are told in any case. */
export async function endWithAccountants(
  context: Pick<Context, 'ledger' | 'accountants'>,
  request: Extract<WriteRequest, { kind: 'settle' | 'capture' | 'void' }>,
): Promise<WriteResult> {
  const result = await context.ledger.write(request);
  await tellAccountants(context, result);
  return result;
}

/** What a movement left to tell. Never rejects: it stands in the transaction of the movement, and is told later else. */
export async function tellAccountants(
  { accountants }: Pick<Context, 'accountants'>,
  result: WriteResult,
): Promise<void> {
  try {
    await accountants?.ended(result);
  } catch {
    // The store went away after the settle: whoever looks for what is due finds it.
  }
}
