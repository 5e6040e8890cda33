import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Books } from '../../src/books/books.ts';
import { openBooks } from '../../src/books/open-books.ts';
import { NanocentError } from '../../src/errors/error.ts';
import { fakeClock } from '../../src/testing/fake-clock.ts';

/** Books over a file whose store can be taken away and given back. */
export interface Switched {
  readonly books: Books;
  readonly file: string;
  readonly spool: string;
  /** From now on every write is answered as a store that is not there answers. */
  away: boolean;
}

export function newFolder(t: { after(done: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'nanocent-spool-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function openSwitched(
  file: string,
  options: Parameters<typeof openBooks>[0] = {},
): Promise<Switched> {
  const clock = fakeClock('2026-11-22T12:00:00Z');
  const opened = await openBooks({ store: file, environment: {}, clock, background: false, ...options });
  const { ledger } = opened.context;
  const switched = { away: false, file, spool: `${file}.spool` };
  const guarded = {
    ...ledger,
    reads: ledger.reads,
    changeTask: ledger.changeTask.bind(ledger),
    close: () => ledger.close(),
    write: async (request: Parameters<typeof ledger.write>[0]) => {
      if (switched.away) throw new NanocentError('store_unreachable', 'the store is away');
      return ledger.write(request);
    },
  };
  const books = new Books({ ...opened.context, ledger: guarded });
  return Object.assign(switched, { books });
}
