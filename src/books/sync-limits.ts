import { existsSync } from 'node:fs';
import { placed, type ReadLimits, type WrittenLimit } from '../config/limits-reader.ts';
import type { LedgerService } from '../core/ledger.ts';
import { identityOf } from '../core/limit-change.ts';
import { NanocentError } from '../errors/error.ts';
import type { Limit, LimitDraft } from '../limits/limit.ts';
import { checkLimit } from '../limits/parse-limit.ts';
import { throwFailure } from './failure.ts';

/** What a start did to bring the ledger's limits to what is written down. */
export interface SyncedLimits {
  /** Absolute path, or `openBooks({ limits })` where the program itself says them. */
  readonly file: string;
  /** Limits that are written there. */
  readonly count: number;
  readonly added: number;
  readonly changed: number;
  /** Of this file, and no longer in it. */
  readonly ended: number;
}

/**
 * Brings the ledger's limits to what is written down: a new one begins, one with another maximum, enforcement or
 * thresholds keeps its counters, one that left its file ends. Where nothing changed nothing is written. A limit that was set
 * by hand, or by another file, becomes this file's.
 */
export async function syncLimits(
  ledger: LedgerService,
  written: ReadLimits,
  zone: string,
): Promise<SyncedLimits> {
  const drafts = draftsOf(written, zone);
  const { limits } = await ledger.reads.limits();
  const inForce = new Map(
    limits.filter((limit) => limit.endedAt === null).map((limit) => [identityOf(limit), limit]),
  );
  const fresh = [...drafts].filter(([identity]) => !inForce.has(identity));
  const moved = [...drafts].filter(([identity, draft]) => differs(draft, inForce.get(identity)));
  for (const [, limit] of [...fresh, ...moved]) {
    const result = await ledger.write({ kind: 'setLimit', limit, fromNow: false });
    if (result.outcome !== 'ruled') throwFailure(result);
  }
  const gone = [...inForce].filter(
    ([identity, limit]) => limit.kind === 'limit' && limit.file === written.file && !drafts.has(identity),
  );
  for (const [, { id }] of gone) {
    const result = await ledger.write({ kind: 'endLimit', id });
    // Another process that starts at the same moment may have ended it first.
    if (result.outcome !== 'ruled' && !(result.outcome === 'failed' && result.code === 'limit_not_found')) {
      throwFailure(result);
    }
  }
  const { file } = written;
  return { file, count: drafts.size, added: fresh.length, changed: moved.length, ended: gone.length };
}

/** Every limit checked before the first is set. */
function draftsOf({ name, file, limits }: ReadLimits, zone: string): Map<string, LimitDraft> {
  const drafts = new Map<string, LimitDraft>();
  const places = new Map<string, string>();
  for (const one of limits) {
    const draft = { ...checked(one, name, zone), source: 'file' as const, file };
    const identity = identityOf(draft);
    const before = places.get(identity);
    if (before !== undefined) {
      throw new NanocentError('config_invalid', `${name}, ${one.place} is the same limit as ${before}`, {
        field: 'limits',
        fix: 'leave one of them out',
      });
    }
    places.set(identity, one.place);
    drafts.set(identity, draft);
  }
  return drafts;
}

function checked({ input, place }: WrittenLimit, name: string, zone: string): LimitDraft {
  try {
    return checkLimit(input, { zone });
  } catch (error) {
    throw placed(error, name, place);
  }
}

function differs(draft: LimitDraft, known: Limit | undefined): boolean {
  if (!known) return false;
  const same = (field: 'max' | 'enforcement' | 'file' | 'source') => draft[field] === known[field];
  const isSame = same('max') && same('enforcement') && same('file') && same('source');
  return !isSame || String(draft.thresholds) !== String(known.thresholds);
}

/** A limit of a file is changed there: anything else would be undone at the next start. One whose file is gone is free. */
export function refuseOfFile(limit: Limit | undefined): void {
  if (limit?.source !== 'file' || (limit.file !== null && !existsSync(limit.file))) return;
  throw new NanocentError('permission_denied', `limit ${limit.id} comes from ${limit.file ?? 'a file'}`, {
    field: 'id',
    fix: 'change it in that file; it is read again at the next start',
    data: { limitId: limit.id },
  });
}
