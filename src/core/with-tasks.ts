import type { Head, Held, Machine, Plan } from '../store/port.ts';
import type { WriteRequest, WriteResult } from './request.ts';
import { TaskBench, type TaskRequest, type TaskResult } from './tasks.ts';

type Movements = Machine<WriteRequest, WriteResult>;
type Request = WriteRequest | TaskRequest;
type Result = WriteResult | TaskResult;

/** The machine of the books, with the tasks that its movements cause and the changes of tasks that ride with them. */
export function withTasks(movements: Movements): Machine<Request, Result> {
  return {
    names: (requests) => movements.names(requests.filter(isMovement)),
    touches: (requests, head) => {
      const touches = movements.touches(requests.filter(isMovement), head);
      return { ...touches, tasks: requests.flatMap((one) => (isMovement(one) ? [] : [one.key])) };
    },
    decide: (requests, head, held) => decide(movements, requests, head, held),
  };
}

function isMovement(request: Request): request is WriteRequest {
  return request.kind !== 'task';
}

function decide(movements: Movements, requests: readonly Request[], head: Head, held: Held): Plan<Result> {
  const plan = movements.decide(requests.filter(isMovement), head, held);
  const tasks = new TaskBench(held.tasks, head.now);
  let next = 0;
  const results = requests.map((request): Result => {
    if (!isMovement(request)) return tasks.change(request);
    return plan.results[next++]!;
  });
  return { ...plan, results, tasks: tasks.changes() };
}
