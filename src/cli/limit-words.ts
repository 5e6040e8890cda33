import { amountText, subjectText, windowText } from '../limits/describe.ts';
import { type Limit, maximumAt } from '../limits/limit.ts';

/** `USER (username john_doe): $5.00 cost per hour, soft`. */
export function describeLimit(limit: Limit): string {
  const soft = limit.enforcement === 'soft' ? ', soft' : '';
  return `${limit.scope}${subjectText(limit.selector)}: ${maximumText(limit)} ${limit.type}${windowText(limit.window)}${soft}`;
}

export function maximumText(limit: Pick<Limit, 'type' | 'max'>): string {
  return limit.max === -1n ? 'exempt' : amountText(limit, limit.max);
}

/** `username john_doe, model gpt-4`; `everyone` without a selector. */
export function coveredText(selector: Limit['selector']): string {
  const fields = Object.entries(selector).map(([field, value]) =>
    value === '*' ? `each ${field}` : `${field} ${value}`,
  );
  return fields.length === 0 ? 'everyone' : fields.join(', ');
}

/** The maximum, and what it is raised to for now: `$5.00, now $20.00`. */
export function maximumNow(limit: Limit, now: number): string {
  const maximum = maximumAt(limit, now);
  const own = maximumText(limit);
  if (limit.kind === 'grants') return amountText(limit, maximum);
  return maximum === limit.max ? own : `${own}, now ${amountText(limit, maximum)}`;
}

/** `tokens/day`, `cost/rolling 5 hours, soft`, `cost in all`, `in flight`: for tables. */
export function shortText({ type, window, enforcement }: Limit): string {
  const what = type === 'total_tokens' ? 'tokens' : type === 'concurrent_requests' ? 'in flight' : type;
  const over =
    window.kind === 'lifetime'
      ? ' in all'
      : window.kind === 'grants'
        ? ', prepaid'
        : windowText(window).replace(/^ per /, '/');
  return `${what}${over}${enforcement === 'soft' ? ', soft' : ''}`;
}
