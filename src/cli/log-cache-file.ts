import { join } from 'node:path';

/** Where what was read of agents' logs is kept, by the custom of each system. It may be deleted at any time. */
export function logCacheFile(
  environment: Readonly<Record<string, string | undefined>>,
  home: string,
): string {
  return join(cacheFolder(environment, home), 'nanocent', 'agent-logs.bin');
}

function cacheFolder(environment: Readonly<Record<string, string | undefined>>, home: string): string {
  if (process.platform === 'win32') return environment.LOCALAPPDATA || join(home, 'AppData', 'Local');
  if (process.platform === 'darwin') return join(home, 'Library', 'Caches');
  return environment.XDG_CACHE_HOME || join(home, '.cache');
}
