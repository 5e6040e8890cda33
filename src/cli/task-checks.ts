import type { Books } from '../books/books.ts';
import { accountantsKind } from '../core/accountants-task.ts';
import { alertKind } from '../core/thresholds.ts';
import type { Task } from '../store/task.ts';
import type { Check } from './checks.ts';
import { counted } from './text.ts';

/** Counted at most; more are as bad. */
const tasksMax = 1000;
/** Who looks every two seconds has not looked for a while. */
const lateMs = 60_000;

/** What waits to be told after a commit; empty where nothing ever did. */
export async function taskChecks({ reads, context }: Books): Promise<Check[]> {
  const now = context.clock.now();
  const checks = [await alertCheck(reads, now), await accountantCheck(reads, now)];
  return checks.filter((check) => check !== null);
}

type Reads = Books['reads'];

async function alertCheck(reads: Reads, now: number): Promise<Check | null> {
  const alerts = await reads.tasks({ kind: alertKind, limit: tasksMax });
  if (alerts.length === 0) return null;
  const name = 'alerts';
  const dead = alerts.filter(({ dueAt, error }) => dueAt === null && error !== null);
  const late = lateOnes(alerts, now);
  if (dead.length === 0 && late.length === 0) {
    const waiting = alerts.filter(({ dueAt }) => dueAt !== null).length;
    const told = waiting === 0 ? 'all told' : `${waiting} to be told`;
    return { name, status: 'ok', detail: `${counted(alerts.length, 'threshold')} reached, ${told}` };
  }
  const waiting = `${counted(late.length, 'alert')} not told${errorOf(late)}`;
  const givenUp = `${counted(dead.length, 'alert')} given up${errorOf(dead)}`;
  return {
    name,
    status: 'warn',
    detail: [...(late.length > 0 ? [waiting] : []), ...(dead.length > 0 ? [givenUp] : [])].join('; '),
    fix: 'set NANOCENT_ALERT_URL and NANOCENT_ALERT_SECRET where the gateway runs, and see `nanocent limits alerts`',
  };
}

async function accountantCheck(reads: Reads, now: number): Promise<Check | null> {
  const waiting = await reads.tasks({ kind: accountantsKind, state: 'waiting', limit: tasksMax });
  const late = lateOnes(waiting, now);
  if (late.length === 0) return null;
  return {
    name: 'accountants',
    status: 'warn',
    detail: `${counted(late.length, 'reservation')} of which accountants have not taken the end${errorOf(late)}`,
    fix: 'run the program that has these accountants: it tells them again by itself',
  };
}

/** Due for a while, or tried in vain. */
function lateOnes(tasks: readonly Task[], now: number): Task[] {
  return tasks.filter(({ dueAt, attempts }) => dueAt !== null && (attempts > 0 || dueAt + lateMs < now));
}

function errorOf(tasks: readonly Task[]): string {
  const error = tasks.find((task) => task.error !== null)?.error;
  return error ? ` (${error})` : '';
}
