import { parentPort, workerData } from 'node:worker_threads';
import { encodeLogs } from './log-cache.ts';
import type { HelperResult, HelperWork } from './read-helper.ts';
import { openReading } from './reading.ts';

/** The thread that reads some of the logs: gives them back in the form in which they are kept. */
const { files } = workerData as HelperWork;
const reading = openReading(null);
for (const file of files) reading.take(file);
const logs = encodeLogs(reading.table, reading.files);
const result: HelperResult = { logs, unreadable: reading.unreadable };
// A large buffer is alone in its memory, which moves with it.
const memory = logs.buffer as ArrayBuffer;
parentPort!.postMessage(result, logs.byteLength === memory.byteLength ? [memory] : []);
