import { NanocentError } from '../errors/error.ts';
import type { Task } from '../store/task.ts';
import type { LedgerService } from './ledger.ts';
import type { TaskNext } from './tasks.ts';

/** How long a task belongs to the process that claimed it; after that it is taken for dead. */
export const claimMs = 30_000;
/** Tasks worked on at once. */
const atOnce = 16;
/** Tasks of one round; more are left to the next one. */
const roundMax = 1024;

export interface TaskWorker {
  readonly kind: string;
  /** Works on a task that is claimed; true where it is done. Never rejects but for the store's sake. */
  work(task: Task): Promise<boolean>;
}

export interface Delivered {
  readonly done: number;
  /** Tried in vain: they come back later, or are given up. */
  readonly failed: number;
}

/** Works on everything that is due, of these kinds. Several processes may do so at once: each task is one's alone. */
export async function workOnDue(ledger: LedgerService, workers: readonly TaskWorker[]): Promise<Delivered> {
  const total = { done: 0, failed: 0 };
  for (const worker of workers) {
    for (let seen = 0; seen < roundMax; ) {
      const { tasks } = await ledger.reads.dueTasks(worker.kind, atOnce);
      const worked = await Promise.all(tasks.map((task) => workOn(ledger, worker, task)));
      total.done += worked.filter((one) => one === true).length;
      total.failed += worked.filter((one) => one === false).length;
      seen += tasks.length;
      if (tasks.length < atOnce) break;
    }
  }
  return total;
}

/** Null where somebody else was quicker. */
async function workOn(ledger: LedgerService, worker: TaskWorker, task: Task): Promise<boolean | null> {
  const claimed = await change(ledger, task, { ...task, dueInMs: claimMs });
  return claimed === null ? null : worker.work(claimed);
}

/** Null where the task has changed since it was read. */
export async function change(ledger: LedgerService, task: Task, next: TaskNext): Promise<Task | null> {
  const { kind, body, dueInMs, attempts, error } = next;
  const result = await ledger.changeTask({
    kind: 'task',
    key: task.key,
    version: task.version,
    next: { kind, body, dueInMs, attempts, error },
  });
  return result.outcome === 'task_changed' ? result.task : null;
}

/** Deletes a task that is done for good; false where it has changed since it was read. */
export async function end(ledger: LedgerService, { key, version }: Task): Promise<boolean> {
  const result = await ledger.changeTask({ kind: 'task', key, version, next: null });
  return result.outcome === 'task_changed';
}

/** What may be kept of an error that a stranger threw: its first line, short. */
export function shortMessage(error: unknown): string {
  const text = NanocentError.is(error) || error instanceof Error ? error.message : String(error);
  return (text.split('\n', 1)[0] ?? '').slice(0, 200) || 'failed without a message';
}
