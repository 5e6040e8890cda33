import { NanocentError } from '../errors/error.ts';
import { Secret } from './secret.ts';

/** Whose API a provider speaks: its routes, credentials and errors follow from that. */
export type Flavour = 'openai' | 'anthropic';

/** One upstream. Fixed when the gateway starts: nothing in a request can change where a call or a key goes. */
export interface Provider {
  /** First segment of its routes, and the `provider` of its entries. */
  readonly name: string;
  readonly flavour: Flavour;
  /** Up to and with its version, without a slash at the end: `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  /** Null: the client's own credential is forwarded, to this provider's origin only. */
  readonly key: Secret | null;
  /** The provider in the catalog whose prices hold; its own name when absent. */
  readonly pricedAs?: string;
  /** True for a provider that asks for no credential at all. */
  readonly open?: boolean;
}

/** OpenAI and Anthropic as the environment describes them: `*_API_KEY`, and `*_BASE_URL` for another origin. */
export function providersFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): readonly Provider[] {
  const { OPENAI_API_KEY, OPENAI_BASE_URL, ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL } = environment;
  const anthropic = baseUrlOf(ANTHROPIC_BASE_URL, 'ANTHROPIC_BASE_URL') ?? 'https://api.anthropic.com';
  return [
    {
      name: 'openai',
      flavour: 'openai',
      // The official clients append paths without a version to OpenAI's base URL, and with one to Anthropic's.
      baseUrl: baseUrlOf(OPENAI_BASE_URL, 'OPENAI_BASE_URL') ?? 'https://api.openai.com/v1',
      key: keyOf(OPENAI_API_KEY, 'OPENAI_API_KEY'),
    },
    {
      name: 'anthropic',
      flavour: 'anthropic',
      baseUrl: anthropic.endsWith('/v1') ? anthropic : `${anthropic}/v1`,
      key: keyOf(ANTHROPIC_API_KEY, 'ANTHROPIC_API_KEY'),
    },
  ];
}

function keyOf(value: string | undefined, field: string): Secret | null {
  if (value === undefined || value.trim() === '') return null;
  if (/^[\x21-\x7e]{1,4096}$/.test(value.trim())) return new Secret(value.trim());
  throw new NanocentError('config_invalid', `${field} holds characters that no key has`, {
    field,
    fix: `set ${field} again, without quotes or line ends`,
  });
}

function baseUrlOf(value: string | undefined, field: string): string | null {
  if (value === undefined || value.trim() === '') return null;
  const url = URL.canParse(value.trim()) ? new URL(value.trim()) : null;
  const plain =
    url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (url !== null && plain && (url.protocol === 'https:' || url.protocol === 'http:')) {
    return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  }
  throw new NanocentError('config_invalid', `${field} is not a plain http or https URL`, {
    field,
    fix: 'give scheme, host and path only, for example https://api.openai.com/v1',
  });
}
