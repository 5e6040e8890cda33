import type { ErrorCode } from '../errors/codes.ts';
import { type ErrorDetails, NanocentError } from '../errors/error.ts';
import type { BundleRequest, BundleResult } from './bundle-request.ts';
import type { LedgerService, StoreReads } from './ledger.ts';
import type { WriteRequest, WriteResult } from './request.ts';
import type { TaskRequest, TaskResult } from './tasks.ts';

/** The part of a worker, or of a port to one, that a ledger in another thread needs. */
export interface Channel {
  postMessage(message: unknown): void;
  // biome-ignore lint/suspicious/noExplicitAny: Worker and MessagePort both declare it so
  on(event: string, listener: (value: any) => void): unknown;
}

interface Call {
  readonly id: number;
  readonly method: string;
  readonly values: readonly unknown[];
}

type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: SentError };

export interface SentError {
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly details: Omit<ErrorDetails, 'cause'>;
}

const readMethods = [
  'limits',
  'facts',
  'entry',
  'entries',
  'totals',
  'reservation',
  'dueReservations',
  'openReservations',
  'task',
  'dueTasks',
  'tasks',
  'accounts',
  'endedAccounts',
  'lines',
  'line',
  'links',
  'chainHeads',
  'scanAccounts',
  'scanReservations',
  'entriesById',
  'entriesOfLine',
  'entriesByResponse',
  'idempotency',
  'countEntries',
  'purges',
  'compareRollups',
  'inspect',
  'select',
  'appendAudit',
  'auditRows',
  'appendPrompts',
  'promptRows',
  'purgePrompts',
  'directoryRow',
  'directoryRows',
  'addDirectoryRow',
  'replaceDirectoryRow',
  'deleteDirectoryRow',
] as const satisfies readonly (keyof StoreReads)[];

/** A ledger in another thread. Calls of one turn of the event loop travel in one message. */
export function connectLedger(
  channel: Channel,
  store: { readonly engine: string; readonly location: string },
): LedgerService {
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: unknown) => void }>();
  let outgoing: Call[] = [];
  let nextId = 1;
  let broken: NanocentError | null = null;

  const send = (method: string, values: readonly unknown[]): Promise<never> => {
    if (broken) return Promise.reject(broken);
    if (outgoing.length === 0) queueMicrotask(flush);
    const id = nextId++;
    outgoing.push({ id, method, values });
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  };
  const flush = () => {
    const calls = outgoing;
    outgoing = [];
    channel.postMessage(calls);
  };
  const fail = (cause: unknown) => {
    broken ??= new NanocentError('store_unreachable', 'the thread that keeps the ledger has ended', {
      cause,
    });
    for (const { reject } of waiting.values()) reject(broken);
    waiting.clear();
  };
  channel.on('message', (replies: readonly Reply[]) => {
    for (const reply of replies) {
      const call = waiting.get(reply.id);
      waiting.delete(reply.id);
      if ('error' in reply) call?.reject(receivedError(reply.error));
      else call?.resolve(reply.value as never);
    }
  });
  channel.on('error', fail);
  channel.on('exit', fail);

  const reads = Object.fromEntries(
    readMethods.map((method) => [method, (...values: unknown[]) => send(method, values)]),
  );
  return {
    write: (request: WriteRequest): Promise<WriteResult> => send('write', [request]),
    writeBundle: (request: BundleRequest): Promise<BundleResult> => send('writeBundle', [request]),
    changeTask: (request: TaskRequest): Promise<TaskResult> => send('changeTask', [request]),
    reads: { ...store, ...reads } as unknown as StoreReads,
    close: () => send('close', []),
  };
}

/** Answers the calls that come over a channel with a ledger of this thread. */
export function serveLedger(channel: Channel, ledger: LedgerService): void {
  let replies: Reply[] = [];
  const reply = (one: Reply) => {
    if (replies.length === 0) {
      setImmediate(() => {
        const sent = replies;
        replies = [];
        channel.postMessage(sent);
      });
    }
    replies.push(one);
  };
  const answer = async ({ id, method, values }: Call) => {
    try {
      reply({ id, value: await run(ledger, method, values) });
    } catch (error) {
      reply({ id, error: sentError(error) });
    }
  };
  channel.on('message', (calls: readonly Call[]) => {
    for (const call of calls) void answer(call);
  });
}

function run(ledger: LedgerService, method: string, values: readonly unknown[]): Promise<unknown> {
  if (method === 'write') return ledger.write(values[0] as WriteRequest);
  if (method === 'writeBundle') return ledger.writeBundle(values[0] as BundleRequest);
  if (method === 'changeTask') return ledger.changeTask(values[0] as TaskRequest);
  if (method === 'close') return ledger.close();
  const known = readMethods.find((one) => one === method);
  if (!known) throw new NanocentError('plan_impossible', `a ledger has no method ${method}`);
  const read = ledger.reads[known] as (...values: readonly unknown[]) => Promise<unknown>;
  return read.apply(ledger.reads, [...values]);
}

/** Errors lose their class between threads: code and details are carried by hand. */
export function sentError(error: unknown): SentError {
  if (!NanocentError.is(error)) return { code: null, message: String(error), details: {} };
  const { code, message, field, fix, data } = error;
  return { code, message, details: { data, ...(field && { field }), ...(fix && { fix }) } };
}

export function receivedError(error: SentError): Error {
  return error.code === null
    ? new Error(error.message)
    : new NanocentError(error.code, error.message, error.details);
}
