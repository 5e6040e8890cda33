import type { AllowanceOf } from '../books/allowances.ts';
import { refillOf } from '../limits/allowance.ts';
import { amountText, subjectText } from '../limits/describe.ts';
import type { Limit } from '../limits/limit.ts';
import { formatCredits } from '../money/index.ts';
import type { LimitState } from '../reports/limit-states.ts';
import type { Arguments } from './arguments.ts';
import { coveredText } from './limit-words.ts';

export const noAllowances =
  'no allowances yet: give one with\n  nanocent allowances set --provider gemini --daily 100000\n';

/** `provider gemini: $0.001 (100000 credits) each day (UTC)`. */
export function describeAllowance(limit: Limit): string {
  const credits = `${formatCredits(limit.max)} credits`;
  return `${coveredText(limit.selector)}: ${amountText(limit, limit.max)} (${credits}) ${rhythmText(limit)}`;
}

/** `each day (UTC)`, `every 24 hours`, `once`. */
export function rhythmText(limit: Limit): string {
  switch (refillOf(limit)) {
    case 'never':
      return 'once';
    case '24h':
      return 'every 24 hours';
    default:
      return limit.window.kind === 'calendar' ? `each day (${limit.window.zone})` : 'each day';
  }
}

/** Whose counter it is: of an allowance for each user, which user. */
export function whoseText({ limit, subject }: LimitState): string {
  const own = subjectText(subject)
    .trim()
    .replace(/^\(|\)$/g, '');
  return own === '' || Object.values(subject).includes('*') ? coveredText(limit.selector) : own;
}

const fields = {
  provider: 'provider',
  username: 'username',
  'caller-name': 'caller',
  project: 'project',
  key: 'key',
  purpose: 'purpose',
  session: 'session',
  tag: 'tag',
} as const;

/** Whose it is, from the options. */
export function allowanceFieldsFrom(given: Arguments): AllowanceOf {
  const pairs = Object.entries(fields).flatMap(([option, field]) => {
    const value = given.text(option);
    return value === undefined ? [] : [[field, value]];
  });
  return Object.fromEntries(pairs);
}
