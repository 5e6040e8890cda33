import type { Alert } from '../core/alerts.ts';
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
