import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { NanocentError } from '../errors/error.ts';
import type { Clock } from '../time/clock.ts';

export interface WebhookOptions {
  /** http or https, without a user name or password in it. */
  readonly url: string;
  /** `whsec_` and base64, or any text; 16 to 512 bytes. It signs, and is never sent, stored or shown. */
  readonly secret: string;
  readonly clock: Clock;
  /** 10 seconds when left out. */
  readonly timeoutMs?: number | undefined;
}

/** Nothing in `error` but a status or a kind of failure: neither the address's path nor what was answered. */
export type Delivery =
  | { readonly outcome: 'delivered' }
  /** `gone`: the receiver wants no more of it. */
  | { readonly outcome: 'failed' | 'gone'; readonly error: string };

export interface Webhook {
  /** Scheme, host and port: fit for showing. */
  readonly origin: string;
  /** Never rejects. The same id is the same event, for the receiver to tell repeats. */
  send(id: string, body: string): Promise<Delivery>;
}

const timeoutMsDefault = 10_000;
const secretBytesMin = 16;
const secretBytesMax = 512;

/** Signed as Standard Webhooks says (https://www.standardwebhooks.com). Throws config_invalid for an address or secret that is none. */
export function createWebhook(options: WebhookOptions): Webhook {
  const url = webhookUrl(options.url);
  const key = secretKey(options.secret);
  const { clock, timeoutMs = timeoutMsDefault } = options;
  return {
    origin: url.origin,
    send: async (id, body) => {
      const timestamp = String(Math.floor(clock.now() / 1000));
      try {
        const response = await fetch(url, {
          method: 'POST',
          redirect: 'manual',
          signal: AbortSignal.timeout(timeoutMs),
          headers: {
            'content-type': 'application/json',
            'user-agent': 'nanocent',
            'webhook-id': id,
            'webhook-timestamp': timestamp,
            'webhook-signature': signature(key, `${id}.${timestamp}.${body}`),
          },
          body,
        });
        // What it answers is not ours to keep; an answer without end must not keep us.
        await response.body?.cancel();
        return deliveryOf(response.status);
      } catch (error) {
        return { outcome: 'failed', error: failureText(error, timeoutMs) };
      }
    },
  };
}

function signature(key: KeyObject, content: string): string {
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
}

function deliveryOf(status: number): Delivery {
  if (status >= 200 && status < 300) return { outcome: 'delivered' };
  if (status === 410) return { outcome: 'gone', error: 'the receiver answered 410: it wants no more' };
  const redirected = status >= 300 && status < 400 ? '; redirects are not followed' : '';
  return { outcome: 'failed', error: `the receiver answered ${status}${redirected}` };
}

function failureText(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  const cause = error instanceof Error ? error.cause : null;
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return `the receiver could not be reached${code}`;
}

function webhookUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['https:', 'http:'].includes(url.protocol)) {
    throw invalid('alerts.url', 'the address of the webhook is no http or https address');
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid('alerts.url', 'the address of the webhook holds a user name or password');
  }
  return url;
}

function secretKey(secret: string): KeyObject {
  const bytes = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  if (bytes.length < secretBytesMin || bytes.length > secretBytesMax) {
    throw invalid(
      'alerts.secret',
      `the secret of the webhook has ${bytes.length} bytes, not ${secretBytesMin} to ${secretBytesMax}`,
      'make one with: echo "whsec_$(openssl rand -base64 32)"',
    );
  }
  return createSecretKey(bytes);
}

function invalid(field: string, message: string, fix?: string): NanocentError {
  return new NanocentError('config_invalid', message, fix === undefined ? { field } : { field, fix });
}
