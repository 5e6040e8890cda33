import { NanocentError } from '../errors/error.ts';
import type { TaskChanges } from '../store/port.ts';
import { type Task, taskBodyCharactersMax } from '../store/task.ts';

/** What a task becomes; its version and time are the ledger's. */
export interface TaskNext {
  readonly kind: string;
  readonly body: string;
  /** From now on the store's clock; null: nothing is to be done. */
  readonly dueInMs: number | null;
  readonly attempts: number;
  readonly error: string | null;
}

/** A change of one task by whoever read it last: it happens only where the task still has that version. */
export interface TaskRequest {
  readonly kind: 'task';
  readonly key: string;
  /** 0 where the task must not be there yet. */
  readonly version: number;
  /** Null deletes it. */
  readonly next: TaskNext | null;
}

export type TaskResult =
  | { readonly outcome: 'task_changed'; readonly task: Task | null }
  /** Somebody else changed it first; this is how it stands now. */
  | { readonly outcome: 'task_moved'; readonly task: Task | null };

/** The tasks of one batch: a later request sees what an earlier one did. */
export class TaskBench {
  readonly #now: number;
  readonly #tasks: Map<string, Task>;
  readonly #changed = new Set<string>();
  readonly #onlyNew = new Map<string, Task>();

  constructor(loaded: ReadonlyMap<string, Task>, now: number) {
    this.#now = now;
    this.#tasks = new Map(loaded);
  }

  get(key: string): Task | null {
    return this.#tasks.get(key) ?? null;
  }

  change({ key, version, next }: TaskRequest): TaskResult {
    const known = this.get(key);
    if ((known?.version ?? 0) !== version) return { outcome: 'task_moved', task: known };
    const task = next === null ? this.end(key) : this.put(key, next);
    return { outcome: 'task_changed', task };
  }

  put(key: string, next: TaskNext): Task {
    const { kind, body, dueInMs, attempts, error } = next;
    if (body.length > taskBodyCharactersMax) {
      const message = `task ${key} has ${body.length} characters, more than ${taskBodyCharactersMax}`;
      throw new NanocentError('plan_impossible', message);
    }
    const version = (this.get(key)?.version ?? 0) + 1;
    const dueAt = dueInMs === null ? null : this.#now + dueInMs;
    const task = { key, kind, body, dueAt, attempts, error, version, updatedAt: this.#now };
    this.#tasks.set(key, task);
    this.#changed.add(key);
    return task;
  }

  end(key: string): null {
    this.#tasks.delete(key);
    this.#changed.add(key);
    return null;
  }

  /** Writes a task, due at once, where nothing has its key: it need not have been loaded. */
  putIfNew(key: string, kind: string, body: string): void {
    const rest = { dueAt: this.#now, attempts: 0, error: null, version: 1, updatedAt: this.#now };
    if (!this.#onlyNew.has(key)) this.#onlyNew.set(key, { key, kind, body, ...rest });
  }

  changes(): TaskChanges {
    const changed = [...this.#changed];
    return {
      rows: changed.flatMap((key) => this.#tasks.get(key) ?? []),
      onlyNew: [...this.#onlyNew.values()],
      ended: changed.filter((key) => !this.#tasks.has(key)),
    };
  }
}
