import { type Alert, type AlertSink, alertWorker } from '../core/alerts.ts';
import type { Context } from '../core/context.ts';
import { type Delivered, type TaskWorker, workOnDue } from '../core/task-worker.ts';
import { createWebhook, type Webhook } from '../core/webhook.ts';
import { NanocentError } from '../errors/error.ts';
import type { Clock } from '../time/clock.ts';
import { alertDocument } from './alert-document.ts';
import type { Environment } from './store-location.ts';

/** What takes an alert in this process: the document that a webhook is sent. One that throws is tried again. */
export type OnAlert = (alert: ReturnType<typeof alertDocument>) => void | Promise<void>;

/** Where alerts of thresholds go, and how they are signed. */
export interface AlertOptions {
  /** Where alerts go: an http or https address. */
  readonly url: string;
  /** Signs them, as Standard Webhooks says: `whsec_` and base64, or any text of 16 to 512 bytes. */
  readonly secret: string;
  /** 10 seconds when left out. */
  readonly timeoutMs?: number;
}

export interface SinkOptions {
  /** False: none, whatever the environment says. */
  readonly alerts?: AlertOptions | false | undefined;
  readonly onAlert?: OnAlert | undefined;
  readonly environment: Environment;
  readonly clock: Clock;
}

/** How often a process looks for what others left, or what has to be tried again. */
const lookMs = 2_000;

/** Null where nobody is told. A function of the program comes before an address. Throws config_invalid. */
export function alertSink({ alerts, onAlert, environment, clock }: SinkOptions): AlertSink | null {
  if (onAlert) {
    return async (alert) => {
      await onAlert(alertDocument(alert));
      return { outcome: 'delivered' };
    };
  }
  if (alerts === false) return null;
  const webhook = webhookOf(alerts ?? alertsFrom(environment), clock);
  return webhook && ((alert: Alert) => webhook.send(alert.id, JSON.stringify(alertDocument(alert))));
}

function webhookOf(alerts: AlertOptions | null, clock: Clock): Webhook | null {
  return alerts && createWebhook({ ...alerts, clock });
}

function alertsFrom({
  NANOCENT_ALERT_URL: url,
  NANOCENT_ALERT_SECRET: secret,
}: Environment): AlertOptions | null {
  if (!url) return null;
  if (secret) return { url, secret };
  throw new NanocentError('config_invalid', 'NANOCENT_ALERT_URL is set and NANOCENT_ALERT_SECRET is not', {
    field: 'NANOCENT_ALERT_SECRET',
    fix: 'alerts are signed: make a secret with: echo "whsec_$(openssl rand -base64 32)"',
  });
}

/** Does what is due after commits: alerts, and accountants that have to be told again. */
export class Deliveries {
  readonly #ledger: Context['ledger'];
  readonly #workers: readonly TaskWorker[];
  #running: Promise<Delivered> | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor({ ledger, accountants }: Pick<Context, 'ledger' | 'accountants'>, sink: AlertSink | null) {
    this.#ledger = ledger;
    this.#workers = [
      ...(accountants ? [accountants.worker] : []),
      ...(sink ? [alertWorker(ledger, sink)] : []),
    ];
  }

  /** Everything that is due now; who asks while that goes on waits for a round of its own. */
  async deliverDue(): Promise<Delivered> {
    while (this.#running) await this.#running.catch(() => {});
    this.#running = workOnDue(this.#ledger, this.#workers);
    try {
      return await this.#running;
    } finally {
      this.#running = null;
    }
  }

  /** Looks again and again, without keeping the process alive. What could not be done is told, and tried again. */
  start(onTrouble: (error: unknown) => void = () => {}): void {
    if (this.#workers.length === 0 || this.#timer !== null) return;
    const look = () => {
      if (this.#running === null) this.deliverDue().catch(onTrouble);
    };
    this.#timer = setInterval(look, lookMs).unref();
    look();
  }

  /** Waits for the round that is on. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#running?.catch(() => {});
  }
}
