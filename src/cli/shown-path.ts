import { homedir } from 'node:os';
import { relative, sep } from 'node:path';
import { visible } from './text.ts';

/** Relative inside the current folder, `~` inside the home folder. */
export function shown(path: string): string {
  if (/^[a-z]+:\/\//.test(path)) return visible(path);
  const here = relative('', path);
  if (here !== '' && !here.startsWith('..') && here.length < path.length) return visible(here);
  const home = homedir();
  return visible(path.startsWith(home + sep) ? `~${path.slice(home.length)}` : path);
}
