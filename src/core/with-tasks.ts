import type { Head, Held, Machine, Plan } from '../store/port.ts';
import { accountantsKey, followMovement } from './accountants-task.ts';
import { hasAccountants } from './booked-entry.ts';
import type { WriteRequest, WriteResult } from './request.ts';
import { TaskBench, type TaskRequest, type TaskResult } from './tasks.ts';
import { bucketsToWatch, fireThresholds, limitsToWatch } from './thresholds.ts';

type Movements = Machine<WriteRequest, WriteResult>;
type Request = WriteRequest | TaskRequest;
type Result = WriteResult | TaskResult;

/** The machine of the books, with the tasks that its movements cause and the changes of tasks that ride with them. */
export function withTasks(movements: Movements): Machine<Request, Result> {
  return {
    names: (requests) => movements.names(movementsOf(requests)),
    touches: (requests, head) => {
      const moving = movementsOf(requests);
      const touches = movements.touches(moving, head);
      const buckets = bucketsToWatch(touches, head);
      const reads = buckets.length === 0 ? touches.reads : [...(touches.reads ?? []), ...buckets];
      const accountsOfLimits = limitsToWatch(moving, head);
      const tasks = tasksOf(requests, head);
      return { ...touches, ...(reads && { reads }), accountsOfLimits, tasks };
    },
    decide: (requests, head, held) => decide(movements, requests, head, held),
  };
}

/** The very same array where there is nothing else in it: every call passes here. */
function movementsOf(requests: readonly Request[]): readonly WriteRequest[] {
  return requests.every(isMovement) ? requests : requests.filter(isMovement);
}

function isMovement(request: Request): request is WriteRequest {
  return request.kind !== 'task';
}

/** Those that are changed, and those of reservations that end and have accountants. A purged draft no longer says so. */
function tasksOf(requests: readonly Request[], head: Head): string[] {
  const keys: string[] = [];
  for (const request of requests) {
    if (request.kind === 'task') keys.push(request.key);
    else if (request.kind === 'settle' || request.kind === 'void' || request.kind === 'expire') {
      const reservation = head.reservations.get(request.id);
      if (!reservation) continue;
      const { draft } = reservation;
      if (draft === null || hasAccountants(draft)) keys.push(accountantsKey(request.id));
    }
  }
  return keys;
}

function decide(movements: Movements, requests: readonly Request[], head: Head, held: Held): Plan<Result> {
  const plan = movements.decide(movementsOf(requests), head, held);
  const tasks = new TaskBench(held.tasks, head.now);
  const results = concernsTasks(requests, held) ? withChanges(tasks, requests, plan.results) : plan.results;
  fireThresholds(tasks, head, held, plan);
  return { ...plan, results, tasks: tasks.changes() };
}

/** False for nearly every batch: without accountants there are no tasks but those of thresholds. */
function concernsTasks(requests: readonly Request[], held: Held): boolean {
  return held.tasks.size > 0 || requests.some((one) => one.kind === 'task' || 'accountants' in one);
}

function withChanges(
  tasks: TaskBench,
  requests: readonly Request[],
  moved: readonly WriteResult[],
): readonly Result[] {
  let next = 0;
  return requests.map((request): Result => {
    if (!isMovement(request)) return tasks.change(request);
    const result = moved[next++]!;
    followMovement(tasks, request, result);
    return result;
  });
}
