import { createRequire, registerHooks } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

let isOurs = false;

/**
 * A module that imports `nanocent` where it is not installed, as with a global install, gets this very package: also one that
 * does so later, in a function.
 */
function offerOurselves(): void {
  if (isOurs) return;
  isOurs = true;
  registerHooks({
    resolve(specifier, context, next) {
      if (!/^nanocent(\/|$)/.test(specifier)) return next(specifier, context);
      try {
        return next(specifier, context);
      } catch {
        // A package may import itself by its name; in a checkout by its sources.
        const conditions = [
          ...(import.meta.url.endsWith('.ts') ? ['nanocent-source'] : []),
          ...context.conditions,
        ];
        return next(specifier, { ...context, conditions, parentURL: import.meta.url });
      }
    },
  });
}

/** What a module of the user's exports. Node strips the types of TypeScript itself. */
export async function loadModule(url: string): Promise<Readonly<Record<string, unknown>>> {
  offerOurselves();
  return import(url);
}

/** A path is one in this folder; any other name is a package that is installed there. */
export function moduleUrl(name: string, folder: string): string {
  const isPath = name.startsWith('.') || isAbsolute(name);
  const file = isPath
    ? resolve(folder, name)
    : createRequire(join(folder, 'nanocent.config.js')).resolve(name);
  return pathToFileURL(file).href;
}

/** What went wrong, in one line, and what helps. */
export function loadTrouble(cause: unknown): { readonly message: string; readonly fix: string } {
  const { code, message = String(cause) } = cause as { readonly code?: string; readonly message?: string };
  const line = message.split('\n')[0]!;
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return { message: line, fix: 'Node strips types only: write no enum, namespace or parameter property' };
  }
  if (code === 'ERR_MODULE_NOT_FOUND')
    return { message: line, fix: 'check the path, or install the package there' };
  return { message: line, fix: 'correct it there' };
}
