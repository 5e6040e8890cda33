import { hash } from 'node:crypto';
import type { Limit } from '../limits/limit.ts';
import type { Task } from '../store/task.ts';
import type { LedgerService } from './ledger.ts';
import { pauseMs } from './pauses.ts';
import { change, shortMessage, type TaskWorker } from './task-worker.ts';
import { type AlertFacts, alertFacts, alertKind } from './thresholds.ts';
import type { Delivery } from './webhook.ts';

/** A threshold that was reached, with the limit as it is now. */
export interface Alert extends AlertFacts {
  /** The same however often it is delivered. */
  readonly id: string;
  readonly limit: Limit;
}

/** Takes an alert; one that rejects is tried again. */
export type AlertSink = (alert: Alert) => Promise<Delivery>;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Ten tries in about two days; then it is given up, and stays visible. */
export const alertPausesMs: readonly number[] = [
  5_000,
  minuteMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
];

export function alertWorker(ledger: LedgerService, sink: AlertSink): TaskWorker {
  return {
    kind: alertKind,
    work: async (task) => {
      const delivery = await deliver(ledger, sink, task);
      if (delivery.outcome === 'delivered') {
        await change(ledger, task, { ...task, dueInMs: null, attempts: 0, error: null });
        return true;
      }
      const attempts = task.attempts + 1;
      const givenUp = delivery.outcome === 'gone' || attempts > alertPausesMs.length;
      const dueInMs = givenUp ? null : pauseMs(alertPausesMs, attempts, task.key);
      await change(ledger, task, { ...task, dueInMs, attempts, error: delivery.error });
      return false;
    },
  };
}

async function deliver(ledger: LedgerService, sink: AlertSink, task: Task): Promise<Delivery> {
  try {
    const { limits } = await ledger.reads.limits();
    const { ledgerId } = await ledger.reads.facts();
    const alert = alertOf(task, limits, ledgerId);
    if (alert === null) return { outcome: 'gone', error: 'its limit is not there' };
    return await sink(alert);
  } catch (error) {
    return { outcome: 'failed', error: shortMessage(error) };
  }
}

/** Null where its limit is unknown. */
export function alertOf(task: Task, limits: readonly Limit[], ledgerId: string): Alert | null {
  const facts = alertFacts(task.body);
  const limit = limits.find(({ id }) => id === facts.limitId);
  // Two ledgers may tell the same receiver of the same counter.
  const id = `alert_${hash('sha256', `${ledgerId} ${task.key}`, 'hex').slice(0, 32)}`;
  return limit ? { ...facts, id, limit } : null;
}
