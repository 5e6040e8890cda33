import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { ProofOptions } from '../alone/proofs/proof.ts';
import type * as proofs from './proofs.ts';

/** Young memory of such a thread: many short-lived rows, collected less often. */
const youngGenerationMb = 64;

/**
 * A proof in a thread of its own, and what it says in the end. node:test follows every promise of a test, which doubles what
 * millions of them cost; it does not follow those of a thread.
 */
export function inThread(name: keyof typeof proofs, options: ProofOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), {
      workerData: { name, options },
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
    });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) =>
      reject(new Error(`the thread of ${name} ended with ${code} and no answer`)),
    );
  });
}

if (!isMainThread) {
  const { name, options } = workerData as { name: keyof typeof proofs; options: ProofOptions };
  const all = await import('./proofs.ts');
  parentPort!.postMessage(await all[name](options));
}
