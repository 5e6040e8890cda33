import type { LoadedConfig } from '../config/read-config-file.ts';
import { Accountant } from '../core/accountant.ts';
import { NanocentError } from '../errors/error.ts';

export interface FindAccountantsOptions {
  readonly accountants?: readonly Accountant[] | undefined;
  readonly config: LoadedConfig | null;
}

/**
 * Those that the program names, else those of the root `accountants` of the configuration: accountants, functions that make
 * one, or modules, each of which exports either as its default. Throws config_invalid, naming the module.
 */
export async function findAccountants(options: FindAccountantsOptions): Promise<readonly Accountant[]> {
  const { accountants, config } = options;
  if (accountants !== undefined) return accountants;
  const found: Accountant[] = [];
  for (const [index, given] of (config?.roots.accountants ?? []).entries()) {
    const isNamed = typeof given === 'string';
    const place = isNamed ? `the accountant ${given}` : `accountants[${index}]`;
    const made = isNamed ? await imported(given, config!.folder, place) : await madeBy(given, place);
    if (!isAccountant(made)) {
      throw invalid(
        isNamed ? `the module ${given} exports no accountant as its default` : `${place} is no accountant`,
        'give an instance of Accountant, or a function that makes one',
      );
    }
    found.push(made);
  }
  return found;
}

async function imported(name: string, folder: string, place: string): Promise<unknown> {
  const { loadModule, moduleUrl } = await import('../config/load-module.ts');
  try {
    const { default: exported } = await loadModule(moduleUrl(name, folder));
    return typeof exported === 'function' ? await exported() : exported;
  } catch (cause) {
    throw await notLoaded(place, cause);
  }
}

async function madeBy(given: Accountant | (() => Accountant | Promise<Accountant>), place: string) {
  try {
    return typeof given === 'function' ? await given() : given;
  } catch (cause) {
    throw await notLoaded(place, cause);
  }
}

async function notLoaded(place: string, cause: unknown): Promise<NanocentError> {
  const { loadTrouble } = await import('../config/load-module.ts');
  const { message, fix } = loadTrouble(cause);
  return invalid(`${place} cannot be loaded: ${message}`, fix, cause);
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
