import { createRequire } from 'node:module';
import { dirname, isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Accountant } from '../core/accountant.ts';
import { NanocentError } from '../errors/error.ts';
import type { Environment } from './store-location.ts';

export interface FindAccountantsOptions {
  readonly accountants?: readonly Accountant[] | undefined;
  /** A configuration file; NANOCENT_CONFIG when left out. */
  readonly config?: string | undefined;
  readonly environment: Environment;
}

/**
 * Those that the program names, else those of the root `accountants` of the configuration: modules, each of which exports an
 * accountant, or a function that makes one, as its default. Throws config_invalid, naming the module.
 */
export async function findAccountants(options: FindAccountantsOptions): Promise<readonly Accountant[]> {
  if (options.accountants !== undefined) return options.accountants;
  const config = options.config ?? (options.environment.NANOCENT_CONFIG || undefined);
  if (config === undefined) return [];
  const { readConfigFile } = await import('../config/read-config-file.ts');
  const { roots } = await readConfigFile(config);
  const { accountants: modules = [] } = roots;
  if (!Array.isArray(modules) || modules.some((name) => typeof name !== 'string' || name === '')) {
    throw invalid('the root accountants is no list of modules', 'write "accountants": ["./wallet.js"]');
  }
  const found: Accountant[] = [];
  for (const name of modules) found.push(await loadAccountant(name, resolve(config)));
  return found;
}

async function loadAccountant(name: string, config: string): Promise<Accountant> {
  let made: unknown;
  try {
    const { default: exported } = await import(moduleUrl(name, config));
    made = typeof exported === 'function' ? await exported() : exported;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw invalid(
      `the accountant ${name} cannot be loaded: ${message}`,
      'check the path and the module',
      cause,
    );
  }
  if (isAccountant(made)) return made;
  throw invalid(
    `the module ${name} exports no accountant as its default`,
    'export default an instance of Accountant, or a function that makes one',
  );
}

/** A path is one beside the configuration; any other name is a package that is installed there. */
function moduleUrl(name: string, config: string): string {
  const isPath = name.startsWith('.') || isAbsolute(name);
  const file = isPath ? resolve(dirname(config), name) : createRequire(config).resolve(name);
  return pathToFileURL(file).href;
}

/** Also one of another copy of this package. */
function isAccountant(value: unknown): value is Accountant {
  if (value instanceof Accountant) return true;
  if (typeof value !== 'object' || value === null) return false;
  return ['reserve', 'settle', 'rollback'].every(
    (method) => typeof (value as Record<string, unknown>)[method] === 'function',
  );
}

function invalid(message: string, fix: string, cause?: unknown): NanocentError {
  return new NanocentError('config_invalid', message, { field: 'accountants', fix, cause });
}
