import type { IncomingHttpHeaders } from 'node:http';

/** Headers that go on to the provider. Everything else stays here: hop-by-hop, credentials, cookies, our own. */
const toProvider: ReadonlySet<string> = new Set([
  'accept',
  'content-type',
  'user-agent',
  'anthropic-beta',
  'anthropic-version',
  'openai-beta',
  'openai-organization',
  'openai-project',
  'x-client-request-id',
]);

/** Client libraries tell the provider about themselves under this name. */
const toProviderPrefix = 'x-stainless-';

const toClient: ReadonlySet<string> = new Set([
  'content-type',
  'content-encoding',
  'cache-control',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
  'request-id',
  'x-request-id',
  'openai-model',
  'openai-organization',
  'openai-processing-ms',
  'openai-version',
  'anthropic-organization-id',
]);

const toClientPrefixes: readonly string[] = ['x-ratelimit-', 'anthropic-ratelimit-', 'anthropic-priority-'];

export function headersToProvider(headers: IncomingHttpHeaders): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string') continue;
    if (toProvider.has(name) || name.startsWith(toProviderPrefix)) passed[name] = value;
  }
  // Compressed answers could not be read along.
  passed['accept-encoding'] = 'identity';
  return passed;
}

export function headersToClient(headers: IncomingHttpHeaders): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    if (!toClient.has(name) && !toClientPrefixes.some((prefix) => name.startsWith(prefix))) continue;
    const line = Array.isArray(value) ? value.join(', ') : value;
    // What no header may hold would fail the whole answer.
    if (/^[\t\x20-\x7e\x80-\xff]*$/.test(line)) passed[name] = line;
  }
  return passed;
}
