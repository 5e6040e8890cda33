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
 * The interval names of the command line and configuration: `second` … `month` and `monthly`, each also with
 * `_rolling`, and `lifetime`. Throws window_invalid, zone_unknown.
 */
export function parseInterval(name: string, options: IntervalOptions = {}): WindowRule {
  const { count = 1, zone = 'UTC', field = 'interval' } = options;
  if (name === 'lifetime') {
    if (count === 1) return { kind: 'lifetime' };
    throw new NanocentError('window_invalid', `${field} lifetime cannot be counted (${count}).`, {
      field,
      fix: 'Leave the count away: a lifetime window never ends.',
    });
  }
  const rolling = name.endsWith('_rolling');
  const unit = unitOf(rolling ? name.slice(0, -'_rolling'.length) : name);
  if (unit === undefined) {
    throw new NanocentError('window_invalid', `${field} ${JSON.stringify(name.slice(0, 40))} is unknown.`, {
      field,
      fix: 'Use second, minute, hour, day, week, month or monthly, any of them with _rolling, or lifetime.',
    });
  }
  const rule: WindowRule = rolling
    ? { kind: 'rolling', unit, count }
    : { kind: 'calendar', unit, count, zone };
  assertWindowRule(rule, field);
  return rule;
}

function unitOf(name: string): WindowUnit | undefined {
  if (name === 'monthly') return 'month';
  return Object.hasOwn(windowCountMax, name) ? (name as WindowUnit) : undefined;
}
