import { hash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { NanocentError } from '../errors/error.ts';
import type { Mark } from './import-source.ts';

/** A text file to import, and how much of it an earlier import has read. */
export interface TextFile {
  /** As the person wrote it. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  /** Where to begin; 0 and 0 where the file is new or was written anew. */
  readonly from: { readonly offset: number; readonly lines: number };
  readonly unchanged: boolean;
}

/** Bytes before the offset that must be as they were: a file that was written anew is read from its beginning. */
const tailBytes = 4096;

/** Looks at a file and at the mark of its last import. Throws file_not_found, field_invalid for what is no file. */
export async function openTextFile(name: string, mark: Mark | undefined): Promise<TextFile> {
  const path = resolve(name);
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(name, error);
  });
  if (!found.isFile()) {
    throw new NanocentError('field_invalid', `${name} is not a file`, {
      field: 'FILE',
      fix: 'name the file itself',
    });
  }
  const base = { name, path, bytes: found.size, modifiedMs: Math.floor(found.mtimeMs) };
  const start = { from: { offset: 0, lines: 0 }, unchanged: false };
  if (mark === undefined || typeof mark.offset !== 'number' || typeof mark.lines !== 'number')
    return { ...base, ...start };
  const { offset, lines } = mark;
  const grown = offset <= found.size && mark.tail === (await tailOf(path, offset));
  if (!grown) return { ...base, ...start };
  return { ...base, from: { offset, lines }, unchanged: offset === found.size };
}

/** What to remember once everything up to this offset is booked. */
export async function markOf(file: TextFile, offset: number, lines: number): Promise<Mark> {
  return { offset, lines, tail: await tailOf(file.path, offset) };
}

async function tailOf(path: string, offset: number): Promise<string> {
  const length = Math.min(offset, tailBytes);
  const tail = Buffer.alloc(length);
  const file = await open(path, 'r');
  try {
    await file.read(tail, 0, length, offset - length);
  } finally {
    await file.close();
  }
  return hash('sha256', tail, 'hex');
}

function unreadable(name: string, error: NodeJS.ErrnoException): NanocentError {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') {
    return new NanocentError('file_not_found', `there is no file ${name}`, {
      field: 'FILE',
      fix: 'check its name',
    });
  }
  return new NanocentError('permission_denied', `${name} cannot be read (${error.code})`, {
    field: 'FILE',
    fix: 'give this user the right to read it',
    cause: error,
  });
}
