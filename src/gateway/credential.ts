import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { NanocentError } from '../errors/error.ts';
import type { Provider } from './provider.ts';
import { Secret } from './secret.ts';

/** What a request shows as its right to spend, wherever it carries it. */
export interface ClientCredential {
  readonly secret: Secret;
  /** The header it came in, and goes on in. */
  readonly header: 'authorization' | 'x-api-key';
}

/** How one call is paid for: the header for the provider, and the name it is booked under. */
export interface Payment {
  readonly headers: Readonly<Record<string, string>>;
  /** `local`, or the keyed hash of the client's own credential. */
  readonly key: string;
}

/**
 * The client's credential; null when it shows none. Throws field_invalid for two different ones, or for one in the URL.
 */
export function clientCredential(
  headers: IncomingHttpHeaders,
  query: URLSearchParams,
): ClientCredential | null {
  const inUrl = ['key', 'api_key', 'api-key', 'access_token'].find((name) => query.has(name));
  if (inUrl !== undefined) {
    throw invalid(inUrl, 'a key in a URL ends up in logs', 'send it as Authorization: Bearer or x-api-key');
  }
  const bearer = bearerOf(headers.authorization);
  const apiKey = single(headers['x-api-key']);
  const other = single(headers['x-goog-api-key']);
  const shown = [bearer, apiKey, other].filter((value) => value !== undefined && value !== '');
  if (new Set(shown).size > 1) {
    throw invalid('authorization', 'the request shows two different credentials', 'send only one of them');
  }
  if (bearer !== undefined && bearer !== '') return { secret: new Secret(bearer), header: 'authorization' };
  if (apiKey !== undefined && apiKey !== '') return { secret: new Secret(apiKey), header: 'x-api-key' };
  return null;
}

/**
 * The configured key pays where there is one, and then the client's credential stays here. Else the client's own goes
 * on to this provider, in the header it came in. Throws credential_missing where there is neither.
 */
export function paymentFor(provider: Provider, client: ClientCredential | null, pepper: string): Payment {
  if (provider.key !== null) return { headers: keyHeader(provider, provider.key), key: 'local' };
  if (provider.open) return { headers: {}, key: 'local' };
  if (client === null) {
    const variable = `${provider.name.toUpperCase()}_API_KEY`;
    throw new NanocentError('credential_missing', `no key for ${provider.name}`, {
      field: 'authorization',
      fix: `start the gateway with ${variable} set, or send your own key with the call`,
    });
  }
  const value = client.secret.reveal();
  return {
    headers: { [client.header]: client.header === 'authorization' ? `Bearer ${value}` : value },
    key: `client:${createHmac('sha256', pepper).update(value).digest('hex').slice(0, 12)}`,
  };
}

function keyHeader(provider: Provider, key: Secret): Readonly<Record<string, string>> {
  return provider.flavour === 'anthropic'
    ? { 'x-api-key': key.reveal() }
    : { authorization: `Bearer ${key.reveal()}` };
}

function bearerOf(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const token = /^bearer\s+([\x21-\x7e]+)\s*$/i.exec(value)?.[1];
  if (token !== undefined || value.trim() === '' || /^bearer\s*$/i.test(value)) return token;
  throw invalid('authorization', 'Authorization is not a bearer token', 'send Authorization: Bearer <key>');
}

function single(value: string | string[] | undefined): string | undefined {
  if (!Array.isArray(value)) return value;
  throw invalid('x-api-key', 'a key header is there twice', 'send it once');
}

function invalid(field: string, message: string, fix: string): NanocentError {
  return new NanocentError('field_invalid', message, { field, fix });
}
