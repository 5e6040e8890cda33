import { readFile } from 'node:fs/promises';
import { NanocentError } from '../errors/error.ts';
import { fileFailure } from './anchor.ts';
import type { Shell } from './shell.ts';

/** Larger than any prompt or request that a provider takes. */
const inputBytesMax = 64 * 1_048_576;

/** The bytes of a file, or of the standard input for `-`. Throws file_not_found, permission_denied, body_too_large. */
export async function readInput(shell: Shell, name: string, option: string): Promise<Buffer> {
  const bytes = name === '-' ? await standardInput(shell) : await fileBytes(name, option);
  if (bytes.length <= inputBytesMax) return bytes;
  throw new NanocentError('body_too_large', `${option} is larger than ${inputBytesMax} bytes`, {
    field: option,
  });
}

async function fileBytes(name: string, option: string): Promise<Buffer> {
  try {
    return await readFile(name);
  } catch (error) {
    throw fileFailure(error, name, option, 'read');
  }
}

async function standardInput(shell: Shell): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of shell.terminal.input) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > inputBytesMax) break;
  }
  return Buffer.concat(chunks);
}
