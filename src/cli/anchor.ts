import { readFile, writeFile } from 'node:fs/promises';
import type { StoreReads } from '../core/ledger.ts';
import type { Verification } from '../core/verify.ts';
import { NanocentError } from '../errors/error.ts';
import { genesisHash } from '../ledger/journal.ts';

type Heads = Verification['heads'];

/** Chain heads kept outside the database: whoever can write all of it cannot write these. */
export interface Anchor {
  readonly schema: 'nanocent.anchor/1';
  readonly ledgerId: string;
  readonly heads: Heads;
}

/** Throws file_not_found, permission_denied, body_malformed. */
export async function readAnchor(file: string): Promise<Anchor> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw fileFailure(error, file, '--anchor', 'read');
  }
  const anchor = parse(text);
  if (anchor) return anchor;
  throw new NanocentError('body_malformed', `${file} holds no chain heads of nanocent`, {
    field: '--anchor',
    fix: 'name a file that verify --save-anchor wrote',
  });
}

export async function writeAnchor(file: string, ledgerId: string, heads: Heads): Promise<void> {
  const anchor: Anchor = { schema: 'nanocent.anchor/1', ledgerId, heads };
  try {
    await writeFile(file, `${JSON.stringify(anchor, null, 2)}\n`, { mode: 0o600 });
  } catch (error) {
    throw fileFailure(error, file, '--save-anchor', 'written');
  }
}

/** What of the saved heads is no longer in the chains; empty when all of it is. */
export async function compareAnchor(reads: StoreReads, ledgerId: string, anchor: Anchor): Promise<string[]> {
  if (anchor.ledgerId !== ledgerId) {
    return [`the saved heads are those of ledger ${anchor.ledgerId}, this is ledger ${ledgerId}`];
  }
  const differences: string[] = [];
  for (const { chain, number, hash } of anchor.heads) {
    const [link] =
      number === 0 ? [{ hash: genesisHash }] : await reads.links({ chain, number: number - 1 }, 1);
    if (link?.hash === hash) continue;
    const now = link === undefined ? 'it is gone' : 'it is another one now';
    differences.push(`chain ${chain}: link ${number} was ${hash.slice(0, 16)}… when it was saved; ${now}`);
  }
  return differences;
}

function parse(text: string): Anchor | null {
  try {
    const value = JSON.parse(text);
    const heads = value?.heads;
    const good =
      value?.schema === 'nanocent.anchor/1' &&
      Array.isArray(heads) &&
      heads.every(
        (head) =>
          Number.isInteger(head?.chain) && Number.isInteger(head.number) && typeof head.hash === 'string',
      );
    return good ? value : null;
  } catch {
    // Not JSON is one of the ways not to be an anchor.
    return null;
  }
}

/** The operating system's refusal of a file as an error of ours. */
export function fileFailure(error: unknown, file: string, field: string, what: string): NanocentError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') {
    return new NanocentError('file_not_found', `there is no file ${file}`, { field, fix: 'check the path' });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new NanocentError('permission_denied', `${file} may not be ${what} by this user`, {
      field,
      fix: 'name another file, or change its mode',
    });
  }
  return new NanocentError('field_invalid', `${file} cannot be ${what} (${code ?? String(error)})`, {
    field,
    fix: 'name another file',
  });
}
