import { NanocentError } from '../errors/error.ts';
import { assertWindowRule, type WindowRule, type WindowUnit, windowCountMax } from './window.ts';

export interface IntervalOptions {
  /** How many units one window spans. Default 1. */
  readonly count?: number;
  /** IANA zone of calendar windows of a day or longer. Default UTC. */
  readonly zone?: string;
  /** What the caller called the name, for the error. Default `interval`. */
  readonly field?: string;
}

/**
 * The interval names of the command line and configuration, in any case: `second` … `month`, `minutely` … `monthly` and
 * `yearly` (12 months), each also with `_rolling`, and `lifetime`. Throws window_invalid, zone_unknown.
 */
export function parseInterval(name: string, options: IntervalOptions = {}): WindowRule {
  const { count = 1, zone = 'UTC', field = 'interval' } = options;
  return intervalNamed(name.toLowerCase(), { count, zone, field });
}

function intervalNamed(name: string, { count, zone, field }: Required<IntervalOptions>): WindowRule {
  if (name === 'lifetime') {
    if (count === 1) return { kind: 'lifetime' };
    throw new NanocentError('window_invalid', `${field} lifetime cannot be counted (${count}).`, {
      field,
      fix: 'Leave the count away: a lifetime window never ends.',
    });
  }
  const rolling = name.endsWith('_rolling');
  const span = spanOf(rolling ? name.slice(0, -'_rolling'.length) : name);
  if (span === undefined) {
    throw new NanocentError('window_invalid', `${field} ${JSON.stringify(name.slice(0, 40))} is unknown.`, {
      field,
      fix: 'Use second, minute, hour, day, week, month or yearly, any of them with _rolling, or lifetime.',
    });
  }
  const counted = { unit: span.unit, count: count * span.count };
  const rule: WindowRule = rolling ? { kind: 'rolling', ...counted } : { kind: 'calendar', ...counted, zone };
  assertWindowRule(rule, field);
  return rule;
}

function spanOf(name: string): { readonly unit: WindowUnit; readonly count: number } | undefined {
  if (Object.hasOwn(adverbs, name)) return adverbs[name];
  return Object.hasOwn(windowCountMax, name) ? { unit: name as WindowUnit, count: 1 } : undefined;
}

const adverbs: Readonly<Record<string, { readonly unit: WindowUnit; readonly count: number }>> = {
  minutely: { unit: 'minute', count: 1 },
  hourly: { unit: 'hour', count: 1 },
  daily: { unit: 'day', count: 1 },
  weekly: { unit: 'week', count: 1 },
  monthly: { unit: 'month', count: 1 },
  yearly: { unit: 'month', count: 12 },
};
