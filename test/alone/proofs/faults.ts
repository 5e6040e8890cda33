import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bundleProcess, startChild } from '../processes/child.ts';
import { buildShim } from '../shim/build-shim.ts';
import { inMemoryFolder, type ProofOptions } from './proof.ts';

/**
 * The n-th write, truncation or sync fails (EIO, a full disk, a write cut short, fsync), once or for good, for every n until
 * none is left: callers hear one clear code, what they were told stays, the books balance. Size: every n-th.
 */
export async function proveFaults({ seed, size }: ProofOptions): Promise<string> {
  return inMemoryFolder('faults', async (folder) => {
    const script = await bundleProcess('failing-disk', folder);
    const watched = join(folder, 'disk');
    mkdirSync(watched);
    const environment = buildShim(folder, watched);
    const child = startChild(script, [watched, String(size), String(1 + (seed % size))], { environment });
    await child.ended();
    const found = child.lines.map((line) => JSON.parse(line) as Found);
    assert.ok(found.length > 0);
    return found
      .map(({ name, kind, lasts, count, code, failures }) => {
        const until = lasts ? `${kind} for good` : kind;
        return `${name}: ${until} at ${count} changes, ${failures} writes refused with ${code}, books balanced`;
      })
      .join('\n');
  });
}

interface Found {
  readonly name: string;
  readonly kind: string;
  readonly lasts: boolean;
  readonly code: string;
  readonly count: number;
  readonly failures: number;
}
