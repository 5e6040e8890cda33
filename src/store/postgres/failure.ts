import type { ErrorCode } from '../../errors/codes.ts';
import { NanocentError } from '../../errors/error.ts';
import { CommitUnknown, sqlState } from './connection.ts';

/** Nothing is booked, and the whole batch is to be tried again. */
export class Restart extends Error {}

type Known = readonly [code: ErrorCode, problem: string, fix: string];

const askAgain = 'ask again with the same id: what failed here is booked once or not at all';

/** SQLSTATE, or its first characters: https://www.postgresql.org/docs/current/errcodes-appendix.html (checked 2026-11-22). */
const failures: readonly (readonly [state: string, known: Known])[] = [
  [
    '22003',
    [
      'amount_overflow',
      'was given a number of more than 64 bits',
      'amounts and counts end at 9223372036854775807',
    ],
  ],
  ['25006', ['store_read_only', 'takes no writes', 'name the primary server, with a user who may write']],
  ['28', ['store_unreachable', 'refuses this user', 'check the user and the password']],
  ['3D000', ['store_unreachable', 'has no such database', 'make it with createdb, or name another one']],
  [
    '42501',
    ['store_unreachable', 'does not permit this to its user', 'grant that user the schema of the books'],
  ],
  ['53100', ['store_full', 'has a full disk', 'free space on its disk; nothing was booked']],
  [
    '53300',
    ['store_busy', 'has no connection left', 'retry; raise max_connections, or put a pooler before it'],
  ],
  ['53', ['store_busy', 'is out of resources', 'retry; give the server more of what it lacks']],
  [
    '55P03',
    [
      'store_busy',
      'was in use by other transactions for too long',
      'retry; look for a transaction that stays open',
    ],
  ],
  ['57014', ['store_busy', 'took too long for a statement', 'retry; look for what keeps the server busy']],
  ['40', ['store_busy', 'could not order this among other transactions', 'retry']],
  ['08', ['store_unreachable', 'lost the connection', askAgain]],
  ['57P', ['store_unreachable', 'is shutting down or starting', askAgain]],
  [
    '23',
    [
      'plan_impossible',
      'refused a row that the books may not hold',
      'this is a defect in Nanocent: please report it',
    ],
  ],
];

/** An error of the driver or the server as ours, naming the place and the fix; one of ours as it is. */
export function storeFailure(error: unknown, place: string): unknown {
  if (NanocentError.is(error) || isDefect(error)) return error;
  const state = sqlState(error);
  const known = state === null ? null : failures.find(([start]) => state.startsWith(start))?.[1];
  const [code, problem, fix] = known ?? defaults(error, state);
  return new NanocentError(code, `${place} ${problem} (PostgreSQL: ${detailOf(error)})`, {
    fix,
    data: { place },
    cause: error,
  });
}

/** A mistake in a program says nothing of the server. */
function isDefect(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
}

function defaults(error: unknown, state: string | null): Known {
  if (state !== null) return ['store_unreachable', 'cannot be used', 'look at the cause, then retry'];
  if (error instanceof Restart)
    return ['store_busy', 'was changed by others each time that this was tried', 'retry'];
  if (error instanceof CommitUnknown)
    return ['store_unreachable', 'did not say whether it has committed', askAgain];
  return ['store_unreachable', 'does not answer', 'check the address and that the server runs, then retry'];
}

/** Of several addresses that were tried, the first one's. Texts of the server name no value of a row without its DETAIL. */
function detailOf(error: unknown): string {
  if (error instanceof CommitUnknown) return detailOf(error.cause);
  if (error instanceof AggregateError && error.errors.length > 0) return detailOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.message || String((error as NodeJS.ErrnoException).code ?? error.name);
}

/** Nothing was booked, and the same may be tried at once: another transaction was quicker, or the connection was a dead one. */
export function isWorthRetrying(error: unknown): boolean {
  if (error instanceof Restart) return true;
  if (NanocentError.is(error) || error instanceof CommitUnknown) return false;
  const state = sqlState(error);
  if (state === null) return isBroken(error);
  return (
    state === '40001' ||
    state === '40P01' ||
    state === '23505' ||
    state.startsWith('57P0') ||
    state.startsWith('08')
  );
}

const brokenCodes: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'ECONNREFUSED', 'ETIMEDOUT']);

/** A connection that ended under a question. */
function isBroken(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && brokenCodes.has(error.code)) return true;
  return /Connection terminated|not queryable|connection error/i.test(error.message);
}
