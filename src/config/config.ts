import type { Accountant } from '../core/accountant.ts';
import type { ReservationSettings } from '../core/reservation-rules.ts';
import type { PromptLogSettings } from '../logs/prompt-log.ts';
import type { SecretInput } from './secrets.ts';

/** A provider whose models may be called. */
export interface ProviderConfig {
  /** Whose API it speaks; known for `openai`, `anthropic`, `google` and `gemini`. */
  readonly api?: 'openai' | 'anthropic' | 'google';
  /** Up to and with its version: `https://api.openai.com/v1`. Known for the same. */
  readonly baseUrl?: string;
  readonly key?: SecretInput;
  /** Models that may be called; every priced model of the provider when left out. */
  readonly models?: readonly string[];
  /** True for a server that asks for no key. */
  readonly open?: boolean;
}

/** Which models may be asked for. */
export interface ModelRulesConfig {
  readonly default?: string;
  readonly allow?: readonly string[];
  readonly block?: readonly string[];
}

/** Which models a purpose may ask for, and the keys that pay for it. */
export interface PurposeConfig extends ModelRulesConfig {
  /** Keys of its own by provider. */
  readonly keys?: Readonly<Record<string, SecretInput>>;
}

/** A function that gives own prices (docs/prices.md), or a module whose default export is one, or the prices. */
export type PriceSource = string | (() => object | Promise<object>);

/** Prices of your own (docs/prices.md), and where more of them come from. */
export interface PricesConfig {
  readonly models?: readonly object[];
  readonly adjustments?: readonly object[];
  readonly basedOn?: Readonly<Record<string, string>>;
  readonly unpriced?: 'refuse' | 'allow' | { readonly rates: Readonly<Record<string, string | number>> };
  /** Asked once, when the books are opened; own prices go before them, and the first before the second. */
  readonly sources?: readonly PriceSource[];
}

/** What is kept of prompts and answers (docs/logs.md). */
export interface PromptLogConfig
  extends Pick<PromptLogSettings, 'models' | 'keys' | 'purposes' | 'sizeBytesMax' | 'redact'> {
  /** An SQLite file of its own. */
  readonly file?: string;
  readonly retentionDays?: number;
  readonly encryptionKey?: SecretInput;
}

/** The address that is told of reached thresholds (docs/alerts.md). */
export interface AlertsConfig {
  readonly url: string;
  readonly secret: SecretInput;
  readonly timeoutMs?: number;
}

/** What `nanocent serve` uses where its options say nothing. */
export interface GatewayConfig {
  readonly host?: string;
  readonly port?: number;
  /** See `GatewayBounds` of `nanocent/gateway`. */
  readonly bounds?: Readonly<Record<string, number>>;
}

/** What a configuration says (docs/configuration.md). */
export interface NanocentConfig {
  readonly store?: string | { readonly env: string };
  readonly zone?: string;
  readonly providers?: Readonly<Record<string, ProviderConfig>>;
  readonly models?: ModelRulesConfig;
  readonly purposes?: Readonly<Record<string, PurposeConfig>>;
  readonly prices?: PricesConfig;
  readonly unpriced?: 'refuse' | 'allow';
  /** The limits (docs/limits.md), or the name of the file that holds them. */
  readonly limits?: object | string;
  readonly allowances?: readonly object[];
  readonly reservations?: ReservationSettings;
  readonly fallbackModels?: Readonly<Record<string, readonly string[]>>;
  readonly accountants?: readonly (string | Accountant | (() => Accountant | Promise<Accountant>))[];
  readonly accountantTimeoutMs?: number;
  readonly promptLog?: PromptLogConfig | boolean;
  readonly audit?: { readonly everyCall?: boolean };
  /** Only projects and users of the directory may make calls (docs/directory.md). */
  readonly enforceProjects?: boolean;
  readonly enforceUsers?: boolean;
  /** An address, or a function that takes the document. */
  readonly alerts?: AlertsConfig | ((alert: Readonly<Record<string, unknown>>) => void | Promise<void>);
  readonly gateway?: GatewayConfig;
  /** Configurations of the Datasette plug-ins, as they are. */
  readonly plugins?: Readonly<Record<string, object>>;
}

/** Gives its argument back; for the types of an editor: `export default defineConfig({ … })`. */
export function defineConfig(config: NanocentConfig): NanocentConfig {
  return config;
}
