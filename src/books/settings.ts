import type { NanocentConfig } from '../config/config.ts';
import type { LoadedConfig } from '../config/read-config-file.ts';
import { readSecret, type SecretInput } from '../config/secrets.ts';
import { NanocentError } from '../errors/error.ts';
import type { Environment } from './store-location.ts';

/** A provider of the configuration, with its key. */
export interface ConfiguredProvider {
  readonly name: string;
  readonly api: 'openai' | 'anthropic' | 'google';
  readonly baseUrl: string;
  /** Null for a server that asks for none, and where neither the configuration nor the environment has one. */
  readonly key: string | null;
  readonly models?: readonly string[];
  /** True for a server that asks for no key. */
  readonly open: boolean;
}

/** Rules of a purpose, with its keys. */
export interface ConfiguredPurpose {
  readonly default?: string;
  readonly allow?: readonly string[];
  readonly block?: readonly string[];
  readonly keys?: Readonly<Record<string, string>>;
}

const google = {
  api: 'google',
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  prefix: 'GEMINI',
} as const;
/** What is known of a provider by its name alone. */
const usual: Readonly<
  Record<string, Pick<ConfiguredProvider, 'api' | 'baseUrl'> & { readonly prefix: string }>
> = {
  openai: { api: 'openai', baseUrl: 'https://api.openai.com/v1', prefix: 'OPENAI' },
  anthropic: { api: 'anthropic', baseUrl: 'https://api.anthropic.com/v1', prefix: 'ANTHROPIC' },
  google,
  gemini: google,
};

/** What the configuration says to those who use open books: the gateway and `LlmWrapper`. */
export class Settings {
  /** The configuration's file; null where there is none. */
  readonly file: string | null;
  readonly warnings: readonly string[];
  readonly models: NonNullable<NanocentConfig['models']>;
  readonly gateway: NonNullable<NanocentConfig['gateway']>;
  readonly #roots: NanocentConfig;
  readonly #folder: string;
  readonly #environment: Environment;

  constructor(loaded: LoadedConfig | null, environment: Environment) {
    this.file = loaded?.file ?? null;
    this.warnings = loaded?.warnings ?? [];
    this.#roots = loaded?.roots ?? {};
    this.#folder = loaded?.folder ?? '.';
    this.#environment = environment;
    this.models = this.#roots.models ?? {};
    this.gateway = this.#roots.gateway ?? {};
  }

  /** Keys are read when they are asked for: a command that calls nobody needs none. Throws config_invalid, naming the key. */
  providers(): readonly ConfiguredProvider[] {
    return Object.entries(this.#roots.providers ?? {}).map(([name, given]) => {
      const known = Object.hasOwn(usual, name) ? usual[name] : undefined;
      const { key, models, open = false } = given ?? {};
      const api = given?.api ?? known?.api;
      const isUsual = known !== undefined && api === known.api;
      const baseUrl = given?.baseUrl ?? (isUsual ? this.#usualAddress(known) : undefined);
      if (api === undefined) throw lacking(name, 'api', 'say whether it speaks openai, anthropic or google');
      if (baseUrl === undefined) throw lacking(name, 'baseUrl', 'write its address: https://host/v1');
      const fromEnvironment = isUsual ? this.#environment[`${known.prefix}_API_KEY`]?.trim() || null : null;
      const secret = key === undefined ? fromEnvironment : this.#key(key, `providers.${name}.key`);
      return {
        ...{ name, api, open },
        baseUrl: address(baseUrl, name),
        key: open ? null : secret,
        ...(models === undefined ? {} : { models }),
      };
    });
  }

  /** Throws config_invalid, naming the key of the configuration whose secret is not there. */
  purposes(): Readonly<Record<string, ConfiguredPurpose>> {
    const purposes = Object.entries(this.#roots.purposes ?? {}).map(([purpose, given]) => {
      const { keys, ...rules } = given ?? {};
      const read = Object.entries(keys ?? {}).map(([provider, key]) => [
        provider,
        this.#key(key, `purposes.${purpose}.keys.${provider}`),
      ]);
      return [purpose, { ...rules, ...(keys ? { keys: Object.fromEntries(read) } : {}) }];
    });
    return Object.fromEntries(purposes);
  }

  /** The official clients write Anthropic's and Gemini's address without a version. */
  #usualAddress({ baseUrl, prefix }: { readonly baseUrl: string; readonly prefix: string }): string {
    const other = this.#environment[`${prefix}_BASE_URL`]?.trim().replace(/\/+$/, '');
    if (!other) return baseUrl;
    return /\/v\d\w*$/.test(other) ? other : `${other}${baseUrl.slice(baseUrl.lastIndexOf('/'))}`;
  }

  /** One that a header can carry. */
  #key(key: SecretInput, name: string): string {
    const value = this.secret(key, name);
    if (/^[\x21-\x7e]{1,4096}$/.test(value)) return value;
    throw new NanocentError('config_invalid', `${name} holds characters that no key has`, {
      field: name,
      fix: 'write it again, without spaces or line ends',
    });
  }

  /** Throws config_invalid, naming the key of the configuration, where the secret is not there. */
  secret(secret: SecretInput, name: string): string {
    return readSecret(secret, { name, folder: this.#folder, environment: this.#environment });
  }
}

function address(text: string, provider: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const plain = url && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (url && plain && /^https?:$/.test(url.protocol))
    return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  throw new NanocentError(
    'config_invalid',
    `providers.${provider}.baseUrl is not a plain http or https URL`,
    {
      field: `providers.${provider}.baseUrl`,
      fix: 'give scheme, host and path only, for example https://api.openai.com/v1',
    },
  );
}

function lacking(provider: string, key: string, fix: string): NanocentError {
  const field = `providers.${provider}.${key}`;
  return new NanocentError('config_invalid', `${field} is missing`, { field, fix });
}
