import type { DirectoryPage } from '../books/directory.ts';
import type { Arguments } from './arguments.ts';

/** Which part of a list is wanted. */
export function pageFrom(given: Arguments): DirectoryPage {
  return { after: given.text('after'), limit: given.whole('number', { min: 1, max: 1000 }) };
}

export function nothingListed(given: Arguments, kind: 'project' | 'user'): string {
  if (given.text('after') !== undefined) return `no ${kind}s after that name\n`;
  return `no ${kind}s yet: add one with\n  nanocent ${kind}s add NAME\n`;
}
