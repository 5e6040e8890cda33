import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { openLedger } from '../../../src/core/ledger.ts';
import { Spool } from '../../../src/core/spool.ts';
import { openSqlite } from '../../../src/store/sqlite/index.ts';
import { seededRandom } from '../../../src/testing/seeded.ts';
import { bundleProcess, startChild } from '../processes/child.ts';
import { buildShim } from '../shim/build-shim.ts';
import { type CutModel, Disk, type DiskEvent, readRecord } from '../shim/disk-record.ts';
import { inMemoryFolder, type ProofOptions } from './proof.ts';
import { proveFile, Told } from './told.ts';

const models: readonly CutModel[] = ['drop', 'subset', 'torn', 'all'];

/**
 * Every write and sync of a process is recorded, in its ledger and in the spool where endings wait; then the power is cut before
 * each of them, and whatever the disk makes of what was not synced, the books open, balance and hold all that was acknowledged. With `synchronous=NORMAL` the very same
 * must find losses, else it proves nothing. Size: batches that are recorded.
 */
export async function provePowerCuts({ seed, size }: ProofOptions): Promise<string> {
  return inMemoryFolder('power-cut', async (folder) => {
    const full = await recordBatches(folder, { seed, size, synchronous: 'FULL' });
    const cuts = await cutEverywhere(folder, full, { seed, models, every: 1 });
    assert.deepEqual(cuts.lost, [], `with FULL nothing is lost (seed ${seed})`);
    const normal = await recordBatches(folder, { seed, size, synchronous: 'NORMAL' });
    const control = await cutEverywhere(folder, normal, { seed, models: ['drop'], every: 5 });
    assert.ok(control.lost.length > 0, 'with NORMAL acknowledged commits are lost, or this finds nothing');
    return (
      `FULL: ${cuts.made} power cuts at ${full.length} boundaries, nothing lost; ` +
      `NORMAL: ${control.lost.length} of ${control.made} lost what had been acknowledged`
    );
  });
}

interface Recording {
  readonly seed: number;
  readonly size: number;
  readonly synchronous: 'FULL' | 'NORMAL';
}

async function recordBatches(folder: string, { seed, size, synchronous }: Recording): Promise<DiskEvent[]> {
  const watched = join(folder, synchronous);
  mkdirSync(watched);
  const log = join(folder, `${synchronous}.log`);
  const environment = { ...buildShim(folder, watched), DISK_LOG: log };
  const script = await bundleProcess('recorder', folder);
  const child = startChild(script, [watched, String(seed), String(size), synchronous], { environment });
  await child.ended();
  const events = readRecord(readFileSync(log));
  const kinds = (suffix: string, kind: DiskEvent['kind']) =>
    events.filter((event) => event.path.endsWith(suffix) && event.kind === kind).length;
  // The shim stands before SQLite as it is linked into Node, and the history has copied its log into the file.
  assert.ok(kinds('.sqlite-wal', 'written') > size && kinds('.sqlite', 'written') > 0, 'writes are recorded');
  if (synchronous === 'FULL') assert.ok(kinds('.sqlite-wal', 'synced') >= size, 'syncs are recorded');
  assert.ok(kinds('.spool', 'written') > 0 && kinds('.spool', 'synced') > 0, 'the spool is recorded');
  return events;
}

async function cutEverywhere(
  folder: string,
  events: readonly DiskEvent[],
  how: { readonly seed: number; readonly models: readonly CutModel[]; readonly every: number },
): Promise<{ made: number; lost: string[] }> {
  const random = seededRandom(how.seed);
  const disk = new Disk();
  const lost: string[] = [];
  let acknowledged = '';
  let made = 0;
  for (const [at, event] of events.entries()) {
    for (const model of at % how.every === 0 ? how.models : []) {
      made += 1;
      const problem = await whatIsWrong(folder, disk.cut(model, random), acknowledged);
      if (problem !== null) lost.push(`${model} before event ${at}: ${problem}`);
    }
    disk.happen(event);
    if (event.kind === 'written' && event.path.endsWith('acknowledged')) acknowledged += event.bytes;
  }
  return { made, lost };
}

async function whatIsWrong(
  folder: string,
  contents: ReadonlyMap<string, Buffer>,
  acknowledged: string,
): Promise<string | null> {
  const place = join(folder, 'after');
  mkdirSync(place);
  try {
    for (const [path, bytes] of contents) {
      const file = join(place, ...relative(folder, path).split('/').slice(1));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
    const told = new Told();
    for (const line of acknowledged.split('\n')) told.hear(line);
    const file = join(place, 'books.sqlite');
    await replaySpool(file, join(place, 'spool'));
    await proveFile(file, told);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    rmSync(place, { recursive: true });
  }
}

/** As every program does that opens the books. */
async function replaySpool(file: string, folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const ledger = openLedger(await openSqlite({ file, clock: Date }));
  const { ledgerId } = await ledger.reads.facts();
  try {
    await new Spool({ folder, ledgerId, now: Date.now }).replay(ledger);
  } finally {
    await ledger.close();
  }
}
