import type { Settings } from '../books/settings.ts';
import type { Environment } from '../books/store-location.ts';
import { type Flavour, type Provider, providersFromEnvironment, Secret } from '../gateway/index.ts';

const flavours: readonly string[] = ['openai', 'anthropic'] satisfies readonly Flavour[];

/**
 * Providers of the configuration, in front of those of the environment, and which of them this version's gateway does not serve.
 * Throws config_invalid for one that cannot be called.
 */
export function servedProviders(
  settings: Pick<Settings, 'providers'>,
  environment: Environment,
): { readonly providers: readonly Provider[]; readonly unserved: readonly string[] } {
  const configured = settings.providers();
  const served = configured.flatMap(({ name, api, baseUrl, key, open }): Provider[] =>
    isServed(api) ? [{ name, flavour: api, baseUrl, open, key: key === null ? null : new Secret(key) }] : [],
  );
  const others = providersFromEnvironment(environment).filter(
    ({ name }) => !configured.some((one) => one.name === name),
  );
  return {
    providers: [...served, ...others],
    unserved: configured.filter(({ api }) => !isServed(api)).map(({ name, api }) => `${name} (api ${api})`),
  };
}

function isServed(api: string): api is Flavour {
  return flavours.includes(api);
}
