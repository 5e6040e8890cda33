import { countsFrom, rollingStart, type WindowRule } from '../time/window.ts';
import type { Limit } from './limit.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** How long the counters of a window are kept after its end. */
export const countersKeptMs = 90 * dayMs;

/**
 * Counters of windows, or steps of a rolling one, that ended at or before this instant are of no use to anybody: nothing
 * counts them, now or later. Null where none ever ends: prepaid grants show what was spent of them for ever.
 */
export function endedForGood({ window }: Pick<Limit, 'window'>, now: number): number | null {
  switch (window.kind) {
    case 'lifetime':
    case 'none':
    case 'grants':
      return null;
    case 'rolling':
      return countsFrom(window, now) - slackMs(window, now);
    default:
      return now - countersKeptMs;
  }
}

/**
 * A step stays for one window more, so that a correction soon after finds it; for at least a minute, at most a day. A window of
 * a second counts in steps of 10 ms: that leaves about 6,000 rows for each busy subject.
 */
function slackMs(window: Extract<WindowRule, { kind: 'rolling' }>, now: number): number {
  return Math.min(Math.max(now - rollingStart(window, now), minuteMs), dayMs);
}
