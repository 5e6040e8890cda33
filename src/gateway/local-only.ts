import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { NanocentError } from '../errors/error.ts';

/** True for names and addresses of this machine itself. */
export function isLoopback(host: string): boolean {
  const name = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (isIP(name) === 4) return name.startsWith('127.');
  return name === '::1' || name.toLowerCase() === 'localhost';
}

/**
 * Before the first virtual key exists, only programs of this machine are served. A browser page of elsewhere reaches
 * a local port too: its Host (after DNS rebinding) or its Origin gives it away. Throws permission_denied.
 */
export function assertLocal(request: IncomingMessage): void {
  const { headers } = request;
  if (!isLoopback(hostName(headers.host ?? ''))) {
    throw denied('host', 'this gateway serves only its own machine: the Host header names another one');
  }
  const forwarded = Object.keys(headers).find(
    (name) => name === 'forwarded' || name.startsWith('x-forwarded-'),
  );
  if (forwarded !== undefined) {
    throw denied(
      forwarded,
      `this gateway serves only its own machine, and ${forwarded} says the call came from another`,
    );
  }
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  if (site === 'cross-site' || (origin !== undefined && !isLocalOrigin(origin))) {
    throw denied('origin', 'this gateway takes no calls from pages of other sites');
  }
}

function isLocalOrigin(origin: string): boolean {
  return URL.canParse(origin) && isLoopback(new URL(origin).hostname);
}

/** The name in `name:port`; empty when it is neither. */
function hostName(host: string): string {
  return /^(\[[0-9a-fA-F:.]+\]|[^:[\]/@\s]+)(:\d{1,5})?$/.exec(host)?.[1] ?? '';
}

function denied(field: string, message: string): NanocentError {
  return new NanocentError('permission_denied', message, {
    field,
    fix: 'call it as http://127.0.0.1 or http://localhost, without a proxy in between',
  });
}
