import { readFile } from 'node:fs/promises';
import { NanocentError } from '../errors/error.ts';
import { type PublishedPrices, type PublishedSource, parsePublished } from '../prices/index.ts';
import { fileFailure } from './anchor.ts';
import type { Arguments } from './arguments.ts';
import { visible } from './text.ts';

/** LiteLLM's file has 2 MB. */
const bytesMax = 32_000_000;
const timeoutMs = 30_000;
const redirectsMax = 3;

/** A published price file as a command names it: a path, or an https address. Throws price_file_invalid, file_not_found, provider_unreachable. */
export async function readPublished(
  given: Arguments,
  name: string,
  recordedAt: number,
): Promise<PublishedPrices> {
  const text = /^[a-z][a-z0-9+.-]+:\/\//i.test(name) ? await fetchPrices(name) : await textOf(name);
  const source = given.text('source')?.toLowerCase() as PublishedSource | undefined;
  return parsePublished({ name: visible(name), text, recordedAt }, source);
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw fileFailure(error, file, 'FILE', 'read');
  }
}

/** Over https only, in bounded size and time; never to another host than the one that was named. */
export async function fetchPrices(address: string, fetch = globalThis.fetch): Promise<string> {
  const named = parsedUrl(address);
  const signal = AbortSignal.timeout(timeoutMs);
  let url = named;
  for (let hop = 0; hop <= redirectsMax; hop++) {
    const response = await fetch(url, { redirect: 'manual', signal }).catch((error: unknown) => {
      throw unreachable(
        url,
        error instanceof Error && error.name === 'TimeoutError' ? late : 'did not answer',
      );
    });
    const target = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || target === null) return bodyOf(url, response);
    await response.body?.cancel();
    url = new URL(target, url);
    if (url.protocol !== 'https:' || url.host !== named.host) {
      throw unreachable(named, `sends on to ${visible(url.origin)}, which was not named`);
    }
  }
  throw unreachable(named, `sends on more than ${redirectsMax} times`);
}

const late = `took longer than ${timeoutMs / 1000} seconds`;

async function bodyOf(url: URL, response: Response): Promise<string> {
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw unreachable(url, `answered with status ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body) {
      bytes += chunk.length;
      if (bytes > bytesMax) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw unreachable(url, error instanceof Error && error.name === 'TimeoutError' ? late : 'broke off');
  }
  if (bytes <= bytesMax) return Buffer.concat(chunks).toString('utf8');
  throw new NanocentError('price_file_invalid', `${visible(url.href)} is larger than ${bytesMax} bytes`, {
    field: 'FILE|URL',
    fix: 'name the address of a price file',
  });
}

function parsedUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url?.protocol === 'https:' && url.username === '' && url.password === '') return url;
  throw new NanocentError('field_invalid', `${visible(address)} is no https address`, {
    field: 'FILE|URL',
    fix: 'name a file, or an address that begins with https:// and holds no password',
  });
}

function unreachable(url: URL, what: string): NanocentError {
  return new NanocentError('provider_unreachable', `${visible(url.href)} ${what}`, {
    field: 'FILE|URL',
    fix: 'try again later, or download the file and name it',
  });
}
