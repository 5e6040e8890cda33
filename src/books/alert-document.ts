import { type Alert, alertOf } from '../core/alerts.ts';
import type { StoreReads } from '../core/ledger.ts';
import { alertKind } from '../core/thresholds.ts';
import { taskState } from '../store/task.ts';
import { formatInstant } from '../time/index.ts';
import { limitAmount, limitDocument } from './documents.ts';

/** What receivers of alerts are sent: which counter of which limit stands how high. Nothing of any call. */
export function alertDocument(alert: Alert) {
  const { limit, maximum, used, windowStart, windowEnd } = alert;
  return {
    schema: 'nanocent.alert/1',
    id: alert.id,
    firedAt: formatInstant(alert.firedAt),
    threshold: alert.threshold,
    /** Whose counter: the values of the limit's fields. */
    subject: alert.subject,
    used: limitAmount(limit, BigInt(used)),
    max: limitAmount(limit, BigInt(maximum)),
    window: {
      start: formatInstant(windowStart),
      end: windowEnd === null ? null : formatInstant(windowEnd),
    },
    limit: limitDocument(limit),
  };
}

/** An alert, and whether somebody was told. */
export interface FiredAlert extends Alert {
  /** `waiting`: nobody took it yet. `given up`: nobody took it ten times. */
  readonly told: 'delivered' | 'waiting' | 'given up';
  readonly attempts: number;
  /** Of the latest try; null where it went well, or there was none. */
  readonly error: string | null;
}

/** The latest of them, latest first. */
export async function firedAlerts(reads: StoreReads, count: number): Promise<FiredAlert[]> {
  const { limits } = await reads.limits();
  const { ledgerId } = await reads.facts();
  const tasks = await reads.tasks({ kind: alertKind, limit: count });
  const fired = tasks.flatMap((task): FiredAlert[] => {
    const alert = alertOf(task, limits, ledgerId);
    if (!alert) return [];
    return [{ ...alert, told: toldWords[taskState(task)], attempts: task.attempts, error: task.error }];
  });
  return fired.sort((left, right) => right.firedAt - left.firedAt || right.threshold - left.threshold);
}

const toldWords = { waiting: 'waiting', dead: 'given up', resting: 'delivered' } as const;

export function firedAlertDocument(alert: FiredAlert) {
  const { schema: _, ...document } = alertDocument(alert);
  return { ...document, told: alert.told, attempts: alert.attempts, error: alert.error };
}
