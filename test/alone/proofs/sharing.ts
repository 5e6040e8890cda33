import assert from 'node:assert/strict';
import { join } from 'node:path';
import { openLedger } from '../../../src/core/ledger.ts';
import { verify } from '../../../src/core/verify.ts';
import { openSqlite } from '../../../src/store/sqlite/index.ts';
import { costLimit } from '../../../src/testing/requests.ts';
import { bundleProcess, startChild } from '../processes/child.ts';
import { inFolder, type ProofOptions } from './proof.ts';

export interface Sharing {
  readonly processes: number;
  readonly callers: number;
  /** Calls that each process made. */
  readonly pairs: readonly number[];
  /** Of all waits of all callers, for a reserve or a settle. */
  readonly waitMs: { readonly median: number; readonly p99: number; readonly longest: number };
}

/** So many processes, each with so many callers, on one file and the same two limits. A BUSY would end its process. */
export async function share(
  shape: { readonly processes: number; readonly callers: number; readonly milliseconds: number },
  seed: number,
): Promise<Sharing> {
  return inFolder('sharing', async (folder) => {
    const file = join(folder, 'shared.sqlite');
    const script = await bundleProcess('busy-caller', folder);
    const ledger = openLedger(await openSqlite({ file, clock: Date }));
    await ledger.write(costLimit(10n ** 16n));
    await ledger.write(costLimit(10n ** 15n, 'username'));
    const { processes, callers, milliseconds } = shape;
    const children = Array.from({ length: processes }, (_, index) =>
      startChild(script, [file, `${seed} ${index}`, String(callers), String(milliseconds)]),
    );
    await Promise.all(children.map((child) => child.heard(1)));
    for (const child of children) child.say('go');
    await Promise.all(children.map((child) => child.ended()));
    const told = children.map(({ lines }) => JSON.parse(lines[1]!) as { pairs: number; waits: number[] });
    const pairs = told.map((one) => one.pairs);
    const waits = told.flatMap((one) => one.waits).sort((left, right) => left - right);
    const settled = BigInt(pairs.reduce((sum, count) => sum + count, 0)) * 50n;
    for (const limitId of [1, 2]) {
      const rows = (await ledger.reads.scanAccounts(null, 100)).filter((row) => row.limitId === limitId);
      assert.equal(
        rows.reduce((sum, row) => sum + row.settled, 0n),
        settled,
      );
    }
    assert.deepEqual((await verify(ledger.reads)).differences, []);
    await ledger.close();
    const at = (share: number) => waits[Math.min(waits.length - 1, Math.floor(waits.length * share))]!;
    return { processes, callers, pairs, waitMs: { median: at(0.5), p99: at(0.99), longest: at(1) } };
  });
}

/** What is promised for 2 to 4 busy processes, and what a machine busy with other things may make of it. */
export const p99MsWanted = 250;
const p99MsMax = 2000;

/** Size: milliseconds for each of four shapes. */
export async function proveSharing({ seed, size }: ProofOptions): Promise<string> {
  const lines: string[] = [];
  for (const [processes, callers] of [
    [2, 1],
    [2, 32],
    [4, 1],
    [4, 32],
  ] as const) {
    const sharing = await share({ processes, callers, milliseconds: size }, seed);
    lines.push(describe(sharing));
    const { p99 } = sharing.waitMs;
    assert.ok(p99 < p99MsMax, `99th percentile of the waits: ${p99} ms, ${describe(sharing)}`);
    // The luckiest has at most ten times the turns of the unluckiest; left to SQLite it is a thousand times.
    const [least, most] = [Math.min(...sharing.pairs), Math.max(...sharing.pairs)];
    assert.ok(most <= 10 * least, `calls of each process: ${sharing.pairs}`);
  }
  return lines.join('\n');
}

export function describe({ processes, callers, pairs, waitMs }: Sharing): string {
  const { median, p99, longest } = waitMs;
  return (
    `${processes} processes × ${callers} callers: ${pairs.join(' + ')} calls, waits ${median.toFixed(1)} ms in the ` +
    `median, ${p99.toFixed(1)} ms at the 99th percentile, ${longest.toFixed(1)} ms at most`
  );
}
