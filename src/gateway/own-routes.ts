import { entryDocument } from '../books/documents.ts';
import type { Context } from '../core/context.ts';
import { NanocentError } from '../errors/error.ts';
import { formatUsd } from '../money/index.ts';
import { type Answer, jsonAnswer } from './answer.ts';
import type { Pages } from './gateway.ts';

export interface OwnRoutes {
  readonly context: Context;
  readonly pages: Pages | undefined;
  /** `http://127.0.0.1:4141` */
  readonly address: string;
  readonly closing: () => boolean;
}

/** Health, entries of calls, and pages: what the gateway answers itself. Null where the path is none of them. */
export async function ownAnswer(
  { context, pages, address, closing }: OwnRoutes,
  method: string,
  path: string,
  query: URLSearchParams,
): Promise<Answer | null> {
  const own = path === '/' || path === '/healthz' || path === '/readyz' || path.startsWith('/-/');
  if (!own) return null;
  if (method !== 'GET' && method !== 'HEAD') {
    throw new NanocentError('method_not_allowed', `${path} is only read`, { fix: 'use GET' });
  }
  if (path === '/') return { status: 302, headers: { location: '/-/llm-usage' }, body: '' };
  if (path === '/healthz') return jsonAnswer(200, { schema: 'nanocent.health/1', ok: true });
  if (path === '/readyz') return readiness(context, closing());
  const callId = /^\/-\/api\/calls\/([\w-]{1,64})$/.exec(path)?.[1];
  if (callId !== undefined) return callAnswer(context, callId);
  return (await pages?.({ method, path, query, address })) ?? null;
}

async function readiness(context: Context, closing: boolean): Promise<Answer> {
  const { reads } = context.ledger;
  let store = 'answers';
  try {
    await reads.facts();
  } catch (error) {
    store = NanocentError.is(error) ? error.code : 'failed';
  }
  const ok = store === 'answers' && !closing;
  return jsonAnswer(ok ? 200 : 503, {
    schema: 'nanocent.readiness/1',
    ok,
    closing,
    engine: reads.engine,
    store,
  });
}

/** The call's entry; while there is none, what its reservation says. */
async function callAnswer(context: Context, callId: string): Promise<Answer> {
  const { reads } = context.ledger;
  const { entries } = await reads.entries({ filter: {}, from: null, to: null, callId, limit: 100 });
  const rows = [...entries].reverse();
  const main = rows.find((entry) => entry.calls === 1) ?? rows[0];
  if (main !== undefined) {
    const further = rows.filter((entry) => entry !== main).map(entryDocument);
    const document = { schema: 'nanocent.entry/1', ...entryDocument(main) };
    return jsonAnswer(200, further.length === 0 ? document : { ...document, further });
  }
  const reservation = await reads.reservation(callId);
  if (reservation === null) {
    throw new NanocentError('entry_not_found', `there is no call ${callId} in this ledger`);
  }
  const held = reservation.held.cost ?? 0n;
  return jsonAnswer(200, {
    schema: 'nanocent.call/1',
    callId,
    state: reservation.state,
    heldNanocents: String(held),
    heldUsd: formatUsd(held),
  });
}
