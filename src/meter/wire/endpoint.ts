/** Whose error shapes a client parses. */
export type Dialect = 'openai' | 'anthropic' | 'google';

/** What a request to a provider is, from its method and address alone. */
export type Endpoint =
  | {
      readonly kind: 'metered';
      /** The `provider` of its entry and in the catalog. */
      readonly provider: string;
      readonly dialect: Dialect;
      /** `chat.completions`, `messages`, `generateContent` … */
      readonly api: string;
      /** As entries show it, without host and prefix: `/v1/messages`. */
      readonly endpoint: string;
      /** Where the address names the model; null where the body does. */
      readonly model: string | null;
    }
  /** Cannot generate anything: lists, counts, what only reads or deletes. */
  | { readonly kind: 'free' }
  | { readonly kind: 'unknown'; readonly dialect: Dialect };

/** Hosts of the providers themselves; one that stands behind another address is named by its caller. */
const providerOfHost: Readonly<Record<string, string>> = {
  'api.openai.com': 'openai',
  'api.anthropic.com': 'anthropic',
  'generativelanguage.googleapis.com': 'google',
  'api.mistral.ai': 'mistral',
  'api.deepseek.com': 'deepseek',
  'api.x.ai': 'xai',
  'api.groq.com': 'groq',
  'api.perplexity.ai': 'perplexity',
  'openrouter.ai': 'openrouter',
  'api.together.xyz': 'together',
  'api.fireworks.ai': 'fireworks',
  'api.cerebras.ai': 'cerebras',
  'api.moonshot.ai': 'moonshotai',
  'api.z.ai': 'zai',
  'api.cohere.com': 'cohere',
};

interface Operation {
  /** Of the end of the path. */
  readonly path: RegExp;
  readonly api: string;
  readonly dialect: Dialect;
}

const operations: readonly Operation[] = [
  { path: /\/chat\/completions$/, api: 'chat.completions', dialect: 'openai' },
  { path: /\/fim\/completions$/, api: 'chat.completions', dialect: 'openai' },
  { path: /\/completions$/, api: 'completions', dialect: 'openai' },
  { path: /\/responses$/, api: 'responses', dialect: 'openai' },
  { path: /\/embeddings$/, api: 'embeddings', dialect: 'openai' },
  { path: /\/messages$/, api: 'messages', dialect: 'anthropic' },
  {
    path: /\/models\/([^/:]+):(?:generateContent|streamGenerateContent)$/,
    api: 'generateContent',
    dialect: 'google',
  },
];

const freePosts = [
  /\/messages\/count_tokens$/,
  /\/models\/[^/:]+:countTokens$/,
  /\/responses\/input_tokens$/,
];

/**
 * `provider` names whose API this is where the host does not say; without it an unknown host is taken to be the API's
 * first owner.
 */
export function endpointOf(url: URL, method: string, provider?: string): Endpoint {
  const path = url.pathname.replace(/\/+$/, '');
  if (method !== 'POST') return method === 'PUT' || method === 'PATCH' ? unknown(path) : { kind: 'free' };
  if (freePosts.some((free) => free.test(path))) return { kind: 'free' };
  for (const { path: pattern, api, dialect } of operations) {
    const match = pattern.exec(path);
    if (match === null) continue;
    return {
      kind: 'metered',
      provider: provider ?? providerAt(url) ?? dialect,
      dialect,
      api,
      endpoint: `/${path.split('/').slice(versionAt(path)).join('/')}`,
      model: match[1] === undefined ? null : decodeURIComponent(match[1]),
    };
  }
  return unknown(path);
}

function unknown(path: string): Endpoint {
  const dialect = /\/v1beta\/|googleapis/.test(path)
    ? 'google'
    : /\/messages\b/.test(path)
      ? 'anthropic'
      : 'openai';
  return { kind: 'unknown', dialect };
}

function providerAt(url: URL): string | undefined {
  if (/\.openai\.azure\.com$/.test(url.hostname)) return 'azure';
  if (/-?aiplatform\.googleapis\.com$/.test(url.hostname)) return 'google-vertex';
  return Object.hasOwn(providerOfHost, url.hostname) ? providerOfHost[url.hostname] : undefined;
}

/** The segment that names a version, else the one that names the operation's first word. */
function versionAt(path: string): number {
  const segments = path.split('/');
  const version = segments.findIndex((segment) => /^v\d+(alpha|beta)?\d*$/.test(segment));
  return version > 0 ? version : 1;
}
