import type { ConfiguredProvider } from '../books/settings.ts';
import { NanocentError } from '../errors/error.ts';
import { canonicalProvider } from '../prices/index.ts';

/** Whose API a provider speaks: OpenAI's chat completions, which most others speak too, Anthropic's messages, or Gemini's. */
export type LlmApi = 'openai' | 'anthropic' | 'google';

/** A provider whose models may be called. */
export interface LlmProvider {
  /** The `provider` of its entries, and in the catalog. */
  readonly name: string;
  readonly api: LlmApi;
  /** Up to and with its version: `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  /** Sent to this provider only. */
  readonly key: string;
  /** Models that may be called; every priced model of the catalog where left out. */
  readonly models?: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** OpenAI, Anthropic and Gemini, those whose key stands in the environment; `*_BASE_URL` for another address. */
export function llmProvidersFrom(environment: Environment): readonly LlmProvider[] {
  const known: readonly (Omit<LlmProvider, 'key'> & { readonly prefix: string })[] = [
    { name: 'openai', api: 'openai', prefix: 'OPENAI', baseUrl: 'https://api.openai.com/v1' },
    { name: 'anthropic', api: 'anthropic', prefix: 'ANTHROPIC', baseUrl: 'https://api.anthropic.com/v1' },
    {
      name: 'google',
      api: 'google',
      prefix: 'GEMINI',
      baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
    },
  ];
  return known.flatMap(({ prefix, ...provider }) => {
    const key = environment[`${prefix}_API_KEY`]?.trim();
    if (!key) return [];
    const address = environment[`${prefix}_BASE_URL`]?.trim().replace(/\/+$/, '');
    return [{ ...provider, key, ...(address ? { baseUrl: versioned(address, provider.baseUrl) } : {}) }];
  });
}

/** Those of the configuration that have a key or need none, then those of the environment that it does not name. */
export function configuredProviders(
  configured: readonly ConfiguredProvider[],
  environment: Environment,
): readonly LlmProvider[] {
  const named = new Set(configured.map(({ name }) => canonicalProvider(name)));
  const callable = configured.flatMap(({ open, key, ...provider }) =>
    // A server that asks for no key gets a word where others get theirs.
    key === null && !open ? [] : [{ ...provider, key: key ?? 'none' }],
  );
  return [...callable, ...llmProvidersFrom(environment).filter(({ name }) => !named.has(name))];
}

/** The official clients write Anthropic's and Gemini's address without a version. */
function versioned(address: string, usual: string): string {
  const version = usual.slice(usual.lastIndexOf('/'));
  return /\/v\d\w*$/.test(address) ? address : `${address}${version}`;
}

/** Throws config_invalid, naming the provider and the setting, and never its key. */
export function assertProviders(providers: readonly LlmProvider[]): void {
  for (const { name, api, baseUrl, key } of providers) {
    const wrong =
      (!['openai', 'anthropic', 'google'].includes(api) && 'api') ||
      (!isAddress(baseUrl) && 'baseUrl') ||
      ((typeof key !== 'string' || key === '') && 'key');
    if (wrong) {
      throw new NanocentError('config_invalid', `provider ${name} has no usable ${wrong}`, {
        field: `providers.${name}.${wrong}`,
      });
    }
  }
}

function isAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
