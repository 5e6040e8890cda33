import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { FindPricesOptions } from '../books/open-prices.ts';
import type { LedgerService } from '../core/ledger.ts';
import { receivedError, type SentError, serveLedger } from '../core/remote-ledger.ts';
import type { FoundLogs } from '../exchange/agents/index.ts';
import type { ImportDefaults, ImportSource, ImportSummary, Mark } from '../exchange/index.ts';

/**
 * Memory for objects that live a moment, of which an import makes many: V8 would let them grow to 64 MB before it looks at them,
 * and is no slower with these.
 */
const youngGenerationMb = 6;
/**
 * For everything else that is an object; the calls themselves are none. A small bound has V8 collect earlier, which is what it is
 * for: an import of 100,000 messages takes about 30.
 */
const oldGenerationMb = 512;

/** What the thread is given. */
export interface ImportWork {
  readonly found: FoundLogs;
  readonly marks: ReadonlyMap<string, Mark> | null;
  readonly prices: FindPricesOptions;
  readonly dryRun: boolean;
  readonly defaults: ImportDefaults;
}

/** The same as it crosses: the ledger stays behind. */
export interface SentWork extends ImportWork {
  readonly port: MessagePort;
  readonly engine: string;
  readonly location: string;
}

export type ImportNews =
  | { readonly kind: 'reading'; readonly done: number; readonly total: number }
  | {
      readonly kind: 'booked';
      readonly summary: ImportSummary;
      readonly done: number;
      readonly total: number;
    }
  | { readonly kind: 'marks'; readonly marks: ReadonlyMap<string, Mark> }
  | {
      readonly kind: 'ended';
      readonly summary: ImportSummary;
      readonly passedOver: ImportSource['passedOver'];
    }
  | { readonly kind: 'failed'; readonly error: SentError };

/**
 * Imports agents' logs in a thread that reads, prices and bundles, while this one keeps the ledger: both processors have about
 * the same to do. Rejects as importCalls does.
 */
export async function importInThread(
  ledger: LedgerService,
  work: ImportWork,
  onNews: (news: Exclude<ImportNews, { kind: 'ended' | 'failed' }>) => void,
): Promise<Extract<ImportNews, { kind: 'ended' }>> {
  const { port1, port2 } = new MessageChannel();
  serveLedger(port1, ledger);
  // Built and unbuilt files differ in their extension only, and tsc does not rewrite it inside a URL.
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const { engine, location } = ledger.reads;
  const workerData: SentWork = { ...work, port: port2, engine, location };
  const worker = new Worker(new URL(`./import-worker${extension}`, import.meta.url), {
    workerData,
    transferList: [port2],
    resourceLimits: {
      maxYoungGenerationSizeMb: youngGenerationMb,
      maxOldGenerationSizeMb: oldGenerationMb,
    },
  });
  try {
    return await new Promise((resolve, reject) => {
      worker.on('message', (news: ImportNews) => {
        if (news.kind === 'ended') resolve(news);
        else if (news.kind === 'failed') reject(receivedError(news.error));
        else onNews(news);
      });
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the thread that imports ended with code ${code}`)));
    });
  } finally {
    port1.close();
    await worker.terminate();
  }
}
