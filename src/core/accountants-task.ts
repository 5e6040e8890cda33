import type { Reservation } from '../ledger/reservation.ts';
import type { Task } from '../store/task.ts';
import type { Tx } from './accountant.ts';
import type { WriteRequest, WriteResult } from './request.ts';
import { claimMs } from './task-worker.ts';
import type { TaskBench, TaskNext } from './tasks.ts';

/** The kind of the task that keeps what each accountant was asked and told about one reservation. */
export const accountantsKind = 'accountants';

export interface Step {
  readonly name: string;
  /**
   * `none`: not yet asked. `asking`: asked, and no answer written down. `refused`: it has set nothing aside. `reserved`: it
   * has. `told`: it knows the end.
   */
  readonly state: 'none' | 'asking' | 'refused' | 'reserved' | 'told';
  readonly tx?: Tx;
  /** The end it was told last: nanocents, or `rollback`. */
  readonly told?: string;
}

export interface AccountantsBody {
  readonly reservationId: string;
  /** Asked of each. */
  readonly nanocents: string;
  readonly steps: readonly Step[];
  /** Nanocents that were posted in all, or `rollback`; null while the reservation is open. */
  readonly end: string | null;
  /** It may still be settled late. */
  readonly correctable: boolean;
  /** All of them know the end; the task stays for a late settle only. */
  readonly kept: boolean;
}

export const rollback = 'rollback';

export function accountantsKey(reservationId: string): string {
  return `${accountantsKind}/${reservationId}`;
}

export function accountantsBody(task: Pick<Task, 'body'>): AccountantsBody {
  return JSON.parse(task.body);
}

export function taskNext(body: AccountantsBody, dueInMs: number | null): TaskNext {
  return { kind: accountantsKind, body: JSON.stringify(body), dueInMs, attempts: 0, error: null };
}

/** The time that was left when it was last changed, counted from now: whose it is does not change by adding to it. */
export function sameDueInMs({ dueAt, updatedAt }: Task): number | null {
  return dueAt === null ? null : Math.max(0, dueAt - updatedAt);
}

/** Writes what a movement means for the accountants of its reservation, in its own transaction. */
export function followMovement(tasks: TaskBench, request: WriteRequest, result: WriteResult): void {
  switch (result.outcome) {
    case 'reserved': {
      if (request.kind !== 'reserve' || result.replayed || !request.accountants?.length) return;
      const { accountants, id, quantities } = request;
      const steps = accountants.map(
        (name, index): Step => ({ name, state: index === 0 ? 'asking' : 'none' }),
      );
      const nanocents = String(quantities.cost ?? 0n);
      const body = { reservationId: id, nanocents, steps, end: null, correctable: false, kept: false };
      // It belongs to whoever reserves: taken over only where that process is gone.
      tasks.put(accountantsKey(id), taskNext(body, claimMs));
      return;
    }
    case 'settled':
    case 'settled_late':
    case 'voided':
      if (!result.replayed) noteEnd(tasks, result.reservation);
      return;
    case 'expired':
      noteEnd(tasks, result.reservation);
  }
}

function noteEnd(tasks: TaskBench, reservation: Reservation): void {
  const key = accountantsKey(reservation.id);
  const task = tasks.get(key);
  if (task === null) return;
  const { state } = reservation;
  const posted = reservation.posted.cost ?? 0n;
  const nothingMade = posted === 0n && (state === 'voided' || state === 'expired');
  const body: AccountantsBody = {
    ...accountantsBody(task),
    end: nothingMade ? rollback : String(posted),
    correctable: state === 'voided' || state === 'expired',
    kept: false,
  };
  tasks.put(key, taskNext(body, 0));
}
