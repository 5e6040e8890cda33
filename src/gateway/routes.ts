import type { Flavour, Provider } from './provider.ts';

/** One way through the gateway. What has no route reaches no provider. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** Exact path; a last segment `:id` stands for one segment. */
  readonly path: string;
  readonly provider: Provider;
  /** Appended to the provider's base URL. */
  readonly upstreamPath: string;
  /** As entries show it, whatever the mount: `/v1/messages`. */
  readonly endpoint: string;
  /** The API whose answers are metered; null where nothing is billed. */
  readonly api: string | null;
}

interface Operation {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly api: string | null;
}

const modelLists: readonly Operation[] = [
  { method: 'GET', path: '/models', api: null },
  { method: 'GET', path: '/models/:id', api: null },
];

const operations: Readonly<Record<Flavour, readonly Operation[]>> = {
  openai: [
    { method: 'POST', path: '/chat/completions', api: 'chat.completions' },
    { method: 'POST', path: '/responses', api: 'responses' },
    { method: 'POST', path: '/embeddings', api: 'embeddings' },
    ...modelLists,
  ],
  anthropic: [
    { method: 'POST', path: '/messages', api: 'messages' },
    { method: 'POST', path: '/messages/count_tokens', api: null },
    ...modelLists,
  ],
};

/** Every route, under `/<name>/v1` and, for the two that clients know by heart, under `/v1`. */
export function routesFor(providers: readonly Provider[]): readonly Route[] {
  return providers.flatMap((provider) => {
    const bare = provider.name === provider.flavour ? ['/v1'] : [];
    return [`/${provider.name}/v1`, ...bare].flatMap((mount) =>
      operations[provider.flavour].map(({ method, path, api }) => ({
        method,
        path: `${mount}${path}`,
        provider,
        upstreamPath: path,
        endpoint: `/v1${path}`,
        api,
      })),
    );
  });
}

export type RouteMatch =
  | { readonly outcome: 'route'; readonly route: Route; readonly id: string | null }
  | { readonly outcome: 'method'; readonly allowed: readonly string[] }
  | { readonly outcome: 'none' };

/** Paths are compared as they came, undecoded: `..`, `//` and `%2f` match nothing. */
export function matchRoute(
  routes: readonly Route[],
  method: string,
  path: string,
  flavour: Flavour,
): RouteMatch {
  const found = routes.flatMap((route) => {
    const id = idIn(route.path, path);
    return id === undefined ? [] : [{ route, id }];
  });
  if (found.length === 0) return { outcome: 'none' };
  const fitting = found.filter(({ route }) => route.method === method);
  // `/v1/models` is spelt the same by both: the caller's flavour decides.
  const one = fitting.find(({ route }) => route.provider.flavour === flavour) ?? fitting[0];
  if (one === undefined)
    return { outcome: 'method', allowed: [...new Set(found.map(({ route }) => route.method))] };
  return { outcome: 'route', ...one };
}

/** Null: the same path without an id. Undefined: another path. */
function idIn(pattern: string, path: string): string | null | undefined {
  if (!pattern.endsWith('/:id')) return pattern === path ? null : undefined;
  const prefix = pattern.slice(0, -':id'.length);
  if (!path.startsWith(prefix)) return undefined;
  const id = path.slice(prefix.length);
  return /^[A-Za-z0-9][\w.:-]{0,255}$/.test(id) ? id : undefined;
}

/** Whose errors a request expects, from its path and headers alone. */
export function flavourOf(path: string, hasAnthropicVersion: boolean): Flavour {
  return hasAnthropicVersion || /^\/anthropic\/|\/v1\/messages(\/|$)/.test(path) ? 'anthropic' : 'openai';
}
