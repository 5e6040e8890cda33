import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a proof is told: the same seed asks for the same things, as far as processes can be told when to run. */
export interface ProofOptions {
  readonly seed: number;
  /** How much, in the unit that the proof names. */
  readonly size: number;
}

/** Throws where it does not hold; returns in one line what was done. */
export type Proof = (options: ProofOptions) => Promise<string>;

/** Runs `work` in a folder that is gone afterwards. */
export function inFolder<T>(name: string, work: (folder: string) => Promise<T>): Promise<T> {
  return inFolderOf(tmpdir(), name, work);
}

/** The same in memory, where the machine has such a place: for disks that are only played. */
export function inMemoryFolder<T>(name: string, work: (folder: string) => Promise<T>): Promise<T> {
  return inFolderOf(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), name, work);
}

async function inFolderOf<T>(root: string, name: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(root, `nanocent-${name}-`));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
