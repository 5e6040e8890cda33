import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { NanocentConfig } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import type { LoadedConfig } from '../config/read-config-file.ts';
import type { Accountant } from '../core/accountant.ts';
import { Accountants, assertAccountants } from '../core/accountants.ts';
import { Directory } from '../core/directory.ts';
import { type LedgerService, openLedger } from '../core/ledger.ts';
import { connectLedger, receivedError, type SentError } from '../core/remote-ledger.ts';
import { parseReservations, type ReservationSettings } from '../core/reservation-rules.ts';
import type { SpoolBounds } from '../core/spool.ts';
import type { Store } from '../store/port.ts';
import type { PostgresAddress } from '../store/postgres/address.ts';
import type { Clock } from '../time/clock.ts';
import { Books } from './books.ts';
import { configuredOptions, locateConfigured } from './configured-options.ts';
import { type AlertOptions, alertSink, Deliveries, type OnAlert } from './deliveries.ts';
import { parseFallbackModels } from './fallback-models.ts';
import { Housekeeping, type OnTrouble } from './housekeeping.ts';
import { createIds, systemClock } from './ids.ts';
import { findAccountants } from './open-accountants.ts';
import { findAllowances } from './open-allowances.ts';
import { findLimits } from './open-limits.ts';
import { type AuditOptions, openLogs, type PromptLogOptions } from './open-logs.ts';
import { openPrices } from './open-prices.ts';
import { openSpool } from './open-spool.ts';
import { type OpenStoreOptions, openStore } from './open-store.ts';
import { Settings } from './settings.ts';
import type { Environment, StoreLocation } from './store-location.ts';
import { syncLimits } from './sync-limits.ts';

/** Where the ledger is, and the rules it is opened with; everything may be left out. */
export interface OpenBooksOptions {
  /**
   * A file name, a `sqlite:` or `postgresql:` URL, the parts of a PostgreSQL address, or `memory`; without it NANOCENT_DB_URL,
   * NANOCENT_DB_FILE, then the usual places. Or a store of your own, open and on the same clock (docs/stores-of-your-own.md): closing
   * the books closes it.
   */
  readonly store?: string | PostgresAddress | Store;
  readonly clock?: Clock;
  /**
   * Own prices on top of all others (docs/prices.md): the object, or the name of a JSON file that holds it. Without it the
   * file that NANOCENT_PRICES names, then the root `prices` of the configuration.
   */
  readonly prices?: object | string;
  /**
   * Limits (docs/limits.md): the object, or the name of a YAML or JSON file that holds it. Without it the root `limits` of the
   * configuration, then `limits.yaml` in the working folder. They are kept in step: one that left its file ends.
   */
  readonly limits?: object | string;
  /**
   * A configuration (docs/configuration.md): its file, or the settings themselves. NANOCENT_CONFIG, then `nanocent.config.*` of
   * the working folder when left out; none at all for false. Every option goes before it.
   */
  readonly config?: string | NanocentConfig | false;
  /** What a model without a price meets where a cost limit covers its call; own prices say it when left out, else `refuse`. */
  readonly unpriced?: 'refuse' | 'allow';
  /**
   * Daily allowances, as the root `allowances` of a configuration has them (docs/allowances.md). They are kept in step: one that
   * is left out at the next start ends.
   */
  readonly allowances?: readonly object[];
  /** How much is set aside for a call (docs/reservations.md): sizing, the fixed amount, and both by purpose and model. */
  readonly reservations?: ReservationSettings;
  /** Models that may take the place of a refused one, in order, for calls that ask for it: `{ 'gpt-4o': ['gpt-4o-mini'] }`. */
  readonly fallbackModels?: Readonly<Record<string, readonly string[]>>;
  /**
   * Whether this process looks after the ledger, now and every 5 seconds, without being kept alive by it: closes holds whose
   * deadline has passed, and books what waits in the spool; and sends alerts and tells accountants again what they did not take.
   * True when left out; a program that ends at once needs it not.
   */
  readonly background?: boolean;
  /** What the background could not do; it tries again. */
  readonly onTrouble?: OnTrouble;
  /** Of the spool, where endings wait while the store is away. */
  readonly spool?: Partial<SpoolBounds>;
  /**
   * Who else has a say in every reservation, in this order (docs/accountants.md). Without it the modules that the root
   * `accountants` of the configuration names.
   */
  readonly accountants?: readonly Accountant[];
  /** How long one call of an accountant may take, 100 to 20,000 ms; 10 seconds when left out. */
  readonly accountantTimeoutMs?: number;
  /**
   * Where alerts of thresholds go (docs/alerts.md); the configuration's, then NANOCENT_ALERT_URL and NANOCENT_ALERT_SECRET when left
   * out; nowhere for false.
   */
  readonly alerts?: AlertOptions | false;
  /** A function that takes them, instead of an address. */
  readonly onAlert?: OnAlert;
  /** Keeps what was said: off unless given; `true` keeps everything, in the ledger's store (docs/logs.md). */
  readonly promptLog?: PromptLogOptions | boolean;
  /** Calls for a project that is not one of `books.projects` are refused (docs/directory.md). False when left out. */
  readonly enforceProjects?: boolean;
  /** The same for users. Who was deactivated is refused in any case. */
  readonly enforceUsers?: boolean;
  /** What the audit log gets by itself. */
  readonly audit?: AuditOptions;
  /** IANA zone of a new ledger's days; UTC when left out. An existing ledger keeps its own. */
  readonly zone?: string;
  /** Keeps the store in a thread of its own, so that its disk waits do not hold up this one. */
  readonly thread?: boolean;
  readonly readOnly?: boolean;
  /** Allows a database that holds other tables and none of ours. */
  readonly init?: boolean;
  readonly environment?: Environment;
}

/**
 * Opens a ledger, making it where there is none. Throws store_unreachable, schema_newer, store_not_a_database …, and
 * price_file_invalid or config_invalid, before anything is opened, for prices, limits, allowances, accountants or alerts that are wrong.
 */
export async function openBooks(options: OpenBooksOptions = {}): Promise<Books> {
  const { config, environment = process.env } = options;
  return openConfigured(options, await loadConfig({ config, environment, folder: process.cwd() }));
}

/** The same with a configuration that was read already. */
export async function openConfigured(given: OpenBooksOptions, config: LoadedConfig | null): Promise<Books> {
  const clock = given.clock ?? systemClock;
  const environment = given.environment ?? process.env;
  const settings = new Settings(config, environment);
  const options = configuredOptions(given, config, settings);
  const location = locateConfigured(options.store, config, environment);
  const priced = await openPrices({ prices: options.prices, config, environment, at: clock.now() });
  const limits = options.readOnly
    ? null
    : await findLimits({ limits: options.limits, config, folder: process.cwd() });
  const allowances = options.readOnly ? null : findAllowances({ allowances: options.allowances, config });
  const reservations = parseReservations(options.reservations ?? {});
  const fallbackModels = parseFallbackModels(options.fallbackModels ?? {});
  const { alerts, onAlert } = options;
  const registered = await findAccountants({ accountants: options.accountants, config });
  const timeoutMs = assertAccountants(registered, options.accountantTimeoutMs);
  const sink = alertSink({ alerts, onAlert, environment, clock });
  const storeOptions = {
    ...(options.zone === undefined ? {} : { zone: options.zone }),
    ...(options.readOnly === undefined ? {} : { readOnly: options.readOnly }),
    ...(options.init === undefined ? {} : { init: options.init }),
  };
  // Only a file's store waits for its disk in this process.
  const threaded = options.thread === true && location.engine === 'sqlite';
  const ledger = threaded
    ? await openInThread(location, storeOptions)
    : openLedger(await openStore(location, { ...storeOptions, clock }));
  const { zone, ledgerId } = await ledger.reads.facts();
  const unpriced = options.unpriced ?? priced.unpriced;
  const spool = options.readOnly
    ? null
    : openSpool({ location, ledgerId, environment, bounds: options.spool });
  const ids = createIds(clock);
  const accountants = registered.length > 0 ? new Accountants(ledger, registered, { timeoutMs }) : null;
  const rules = { ...priced, unpriced, reservations, fallbackModels };
  const readOnly = options.readOnly === true;
  const logs = await openLogs(options, { store: ledger.reads, ids, clock, environment, readOnly });
  const { observe } = logs;
  const directory = openDirectory(options, ledger.reads, clock);
  const context = { ledger, ...rules, accountants, directory, spool, observe, clock, ids, zone };
  const housekeeping = new Housekeeping(context, options.onTrouble);
  const deliveries = new Deliveries(context, sink);
  const onClose = async () => {
    await housekeeping.stop();
    await logs.close();
  };
  const books = new Books(context, { onClose, deliveries, logs, settings });
  try {
    if (limits !== null) books.limits.synced = await syncLimits(ledger, limits, zone);
    if (allowances !== null) await books.allowances.sync(allowances.inputs, allowances.file);
    if (options.readOnly !== true) {
      const background = options.background ?? true;
      await housekeeping.open(background);
      if (background) deliveries.start((error) => options.onTrouble?.('delivery_failed', error));
    }
  } catch (error) {
    await books.close();
    throw error;
  }
  return books;
}

function openDirectory(options: OpenBooksOptions, reads: LedgerService['reads'], clock: Clock): Directory {
  const { enforceProjects: projects = false, enforceUsers: users = false } = options;
  return new Directory(reads, clock, { projects, users });
}

async function openInThread(
  location: StoreLocation,
  options: Omit<OpenStoreOptions, 'clock'>,
): Promise<LedgerService> {
  // Built and unbuilt files differ in their extension only, and tsc does not rewrite it inside a URL.
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const worker = new Worker(new URL(`./ledger-worker${extension}`, import.meta.url), {
    workerData: { location, options },
  });
  const [opened] = (await once(worker, 'message')) as [OpenedStore | { readonly error: SentError }];
  if ('error' in opened) throw receivedError(opened.error);
  return connectLedger(worker, opened);
}

interface OpenedStore {
  readonly engine: string;
  readonly location: string;
}
