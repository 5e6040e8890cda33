import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { LogFile } from './discover-logs.ts';
import { decodeLogs } from './log-cache.ts';
import type { Reading } from './reading.ts';

/** A thread takes about 50 ms to start: below this one reads faster alone. */
const helperBytesMin = 32 * 1024 * 1024;

/** Lines live a moment: memory for them would grow to 64 MB without a bound, and no faster. */
const youngGenerationMb = 6;

/** What the thread is given, and what it gives back. */
export interface HelperWork {
  readonly files: readonly LogFile[];
}
export interface HelperResult {
  readonly logs: Uint8Array;
  readonly unreadable: readonly string[];
}

export interface ReadHelper {
  /** What it reads. */
  readonly files: ReadonlySet<LogFile>;
  /** Waits for it, and adds what it read. What it could not do is read here. */
  handOver(reading: Reading): Promise<void>;
}

/** A second thread for half of the files, where there is enough to read and a processor to do it. */
export function startHelper(files: readonly LogFile[]): ReadHelper | null {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes < helperBytesMin || files.length < 2 || availableParallelism() < 2) return null;
  const half = halfOf(files);
  // Built and unbuilt files differ in their extension only, and tsc does not rewrite it inside a URL.
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const work: HelperWork = { files: half };
  const worker = new Worker(new URL(`./log-reader-worker${extension}`, import.meta.url), {
    workerData: work,
    resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
  });
  // Listened to from the beginning: it may fail while this thread is busy reading.
  const result = new Promise<HelperResult | null>((resolve) => {
    worker.once('message', resolve);
    for (const end of ['error', 'exit']) worker.once(end, () => resolve(null));
  });
  return {
    files: new Set(half),
    async handOver(reading) {
      const read = await result;
      await worker.terminate();
      if (read === null) {
        for (const file of half) reading.take(file);
        return;
      }
      const logs = decodeLogs(Buffer.from(read.logs.buffer, read.logs.byteOffset, read.logs.byteLength));
      for (const file of half) reading.adopt(logs, file);
      reading.unreadable.push(...read.unreadable);
    },
  };
}

/** Every second one by size, and of these the smaller of each pair: this thread has no start to wait for. */
function halfOf(files: readonly LogFile[]): LogFile[] {
  const bySize = [...files].sort((left, right) => right.bytes - left.bytes);
  return bySize.filter((_, index) => index % 2 === 1);
}
