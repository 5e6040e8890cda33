import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Books } from '../books/books.ts';
import { locateConfigured } from '../books/configured-options.ts';
import { openBooks, openConfigured } from '../books/open-books.ts';
import { dataFolder, type Environment } from '../books/store-location.ts';
import type { SyncedLimits } from '../books/sync-limits.ts';
import { NanocentError } from '../errors/error.ts';
import type { Arguments } from './arguments.ts';
import { openConfig } from './open-config.ts';
import { pricesFrom } from './prices.ts';
import type { Shell } from './shell.ts';
import { shown } from './shown-path.ts';

interface Needs {
  readonly existing?: boolean;
  readonly thread?: boolean;
}

/** Opens the ledger that options, environment or custom name, and says which one it is. */
export async function openLedger(shell: Shell, needs: Needs): Promise<Books> {
  const { arguments: given, terminal } = shell;
  const store = ledgerName(given, terminal.environment);
  const config = await openConfig(shell);
  const location = locateConfigured(store, config, terminal.environment);
  const isNew = location.engine === 'sqlite' && !existsSync(location.file);
  if (isNew && needs.existing) {
    throw new NanocentError('file_not_found', `there is no ledger ${location.file}`, {
      field: '--db-file',
      fix: 'name the ledger with --db-file',
    });
  }
  const options = {
    ...(store === undefined ? {} : { store }),
    ...pricesFrom(given),
    ...unpricedFrom(given),
    environment: terminal.environment,
    // A command that sends nothing is not held up by an address that is wrong.
    ...(needs.thread ? {} : { alerts: false as const }),
    init: given.has('init'),
    thread: needs.thread === true,
    // A command ends before a round would come.
    background: needs.thread === true,
  };
  const books = await openConfigured(options, config);
  shell.note(shell.noteStyle.dim(`ledger ${shown(books.reads.location)}${isNew ? ' (new)' : ''}`));
  if (books.limits.synced) shell.note(shell.noteStyle.dim(syncedText(books.limits.synced)));
  return books;
}

/** A ledger of its own beside the usual one, so that trying things out leaves the real books alone. */
export async function openDemoLedger(shell: Shell): Promise<Books> {
  const named = ledgerName(shell.arguments, shell.terminal.environment);
  const file = named ?? join(dataFolder(shell.terminal.environment), 'nanocent', 'demo.sqlite');
  if (named === undefined) mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const books = await openBooks({
    // The settings of the folder are for the real books.
    config: false,
    ...pricesFrom(shell.arguments),
    ...unpricedFrom(shell.arguments),
    limits: {},
    store: file,
    environment: shell.terminal.environment,
    thread: true,
  });
  shell.note(shell.noteStyle.dim(`ledger ${shown(books.reads.location)}`));
  return books;
}

/** `limits from limits.yaml: 5, 1 new`. */
function syncedText({ file, count, added, changed, ended }: SyncedLimits): string {
  const moved = [[added, 'new'] as const, [changed, 'changed'] as const, [ended, 'ended'] as const]
    .filter(([many]) => many > 0)
    .map(([many, what]) => `, ${many} ${what}`);
  return `limits from ${shown(file)}: ${count}${moved.join('')}`;
}

/** What `serve --unpriced` says. */
function unpricedFrom(given: Arguments): { readonly unpriced?: 'refuse' | 'allow' } {
  const policy = given.text('unpriced')?.toLowerCase();
  return policy === 'refuse' || policy === 'allow' ? { unpriced: policy } : {};
}

/**
 * The ledger that options name; undefined leaves it to environment and custom. DATABASE_URL and NEON_CONNECTION_STRING are for
 * any program: they count where --db-backend asks for them.
 */
export function ledgerName(given: Arguments, environment: Environment): string | undefined {
  const backend = given.text('db-backend')?.toLowerCase();
  const file = given.text('db-file');
  const url = given.text('db-url') ?? given.text('neon-connection-string');
  if (file !== undefined && url !== undefined) {
    throw contradiction('--db-file', '--db-file and --db-url both name a ledger');
  }
  if (file === '') throw contradiction('--db-file', '--db-file is empty', 'name a file');
  if (backend === undefined || backend === 'sqlite') {
    return file === undefined ? url : resolve(file);
  }
  if (file !== undefined) throw contradiction('--db-file', `--db-file is not for --db-backend ${backend}`);
  if (backend === 'postgresql' || backend === 'neon') return serverUrl(backend, url, environment);
  throw new NanocentError('config_invalid', `this version cannot keep ledgers in ${backend} databases`, {
    field: '--db-backend',
    fix: 'use --db-file FILE, or --db-backend postgresql',
  });
}

function serverUrl(
  backend: 'postgresql' | 'neon',
  said: string | undefined,
  environment: Environment,
): string {
  const { NANOCENT_DB_URL, NEON_CONNECTION_STRING, DATABASE_URL } = environment;
  const ofNeon = backend === 'neon' ? NEON_CONNECTION_STRING : undefined;
  const url = said || NANOCENT_DB_URL || ofNeon || DATABASE_URL;
  if (!url) {
    const variable = backend === 'neon' ? 'NEON_CONNECTION_STRING' : 'DATABASE_URL';
    throw new NanocentError('field_missing', `--db-backend ${backend} needs the URL of a database`, {
      field: '--db-url',
      fix: `add --db-url postgresql://user:password@host/database, or set ${variable}`,
    });
  }
  if (!/^postgres(ql)?:\/\//i.test(url)) {
    throw contradiction('--db-url', `--db-backend ${backend} needs a URL that begins with postgresql://`);
  }
  // Neon takes no connection that is not encrypted.
  return backend === 'postgresql' || /[?&]sslmode=/.test(url) ? url : withParameter(url, 'sslmode=require');
}

function withParameter(url: string, parameter: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}${parameter}`;
}

function contradiction(field: string, message: string, fix = 'leave one of them out'): NanocentError {
  return new NanocentError('field_invalid', message, { field, fix });
}
