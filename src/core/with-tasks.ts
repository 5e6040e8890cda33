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
    names: (requests) => movements.names(requests.filter(isMovement)),
    touches: (requests, head) => {
      const moving = requests.filter(isMovement);
      const touches = movements.touches(moving, head);
      const reads = [...(touches.reads ?? []), ...bucketsToWatch(touches, head)];
      const accountsOfLimits = limitsToWatch(moving, head);
      return { ...touches, reads, accountsOfLimits, tasks: tasksOf(requests, head) };
    },
    decide: (requests, head, held) => decide(movements, requests, head, held),
  };
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
  const plan = movements.decide(requests.filter(isMovement), head, held);
  const tasks = new TaskBench(held.tasks, head.now);
  let next = 0;
  const results = requests.map((request): Result => {
    if (!isMovement(request)) return tasks.change(request);
    const result = plan.results[next++]!;
    followMovement(tasks, request, result);
    return result;
  });
  fireThresholds(tasks, head, held, plan);
  return { ...plan, results, tasks: tasks.changes() };
}
