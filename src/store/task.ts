/**
 * Something to be done at least once after a commit: written in the transaction that causes it, claimed by comparing its
 * version, so that of several processes one works on it.
 */
export interface Task {
  /** Unlike that of any other task. */
  readonly key: string;
  /** Who does it: `alert`, `accountants`. */
  readonly kind: string;
  /** JSON text, at most `taskBodyCharactersMax`. */
  readonly body: string;
  /** Epoch ms on the store's clock from which on it may be worked on; null: nothing is to be done. */
  readonly dueAt: number | null;
  /** How often it was tried in vain. */
  readonly attempts: number;
  /** Why the last try failed; with no `dueAt`, why it was given up. Null where nothing failed. */
  readonly error: string | null;
  /** 1 when new; grows with every change. */
  readonly version: number;
  readonly updatedAt: number;
}

/** `waiting`: has a time at which it is due. `dead`: given up. `resting`: done, or until something else happens. */
export type TaskState = 'waiting' | 'dead' | 'resting';

export interface TaskFilter {
  readonly kind?: string;
  readonly state?: TaskState;
  /** Only tasks that failed at least once since they last went well. */
  readonly failing?: boolean;
  /** Not changed since this instant, epoch ms. */
  readonly unchangedSince?: number;
  /** At most 1,000. */
  readonly limit: number;
}

/** Sixteen accountants with a Tx of 4,096 characters each, and what stands around them. */
export const taskBodyCharactersMax = 131_072;

export function taskState({ dueAt, error }: Task): TaskState {
  if (dueAt !== null) return 'waiting';
  return error === null ? 'resting' : 'dead';
}
