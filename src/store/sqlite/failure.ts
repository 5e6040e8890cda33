import type { ErrorCode } from '../../errors/codes.ts';
import { NanocentError } from '../../errors/error.ts';

/** SQLite's primary result codes, https://www.sqlite.org/rescode.html (checked 2026-11-22). */
const result = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cantOpen: 14,
  protocol: 15,
  constraint: 19,
  notADatabase: 26,
} as const;

/** Another connection holds a lock: nothing was done, the same thing may be tried again. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error);
  return code === result.busy || code === result.locked || code === result.protocol;
}

/** SQLite's own errors as ours, naming the file and the fix; anything else is handed back as it is. */
export function storeFailure(error: unknown, file: string): unknown {
  const code = noRoomForIndex(error) ? result.full : primaryCode(error);
  if (code === null) return bindFailure(error);
  const known = failures[code];
  const detail = error instanceof Error ? error.message : String(error);
  const [ours, problem, fix] = known ?? [
    'store_unreachable',
    'cannot be used',
    'Look at the cause, then retry.',
  ];
  return new NanocentError(ours, `${file} ${problem} (SQLite: ${detail}).`, {
    fix,
    data: { file },
    cause: error,
  });
}

const failures: Readonly<Record<number, readonly [ErrorCode, string, string]>> = {
  [result.readOnly]: [
    'store_read_only',
    'cannot be written to',
    'Give this user write access to the file and to its folder, which must take the -wal and -shm files.',
  ],
  [result.ioError]: [
    'store_unreachable',
    'could not be read or written by the operating system',
    // A commit whose fsync failed may still be found by the next process that opens the file.
    'Check the disk and that it is a local one, then ask again with the same id: what failed here is booked once or not at all.',
  ],
  [result.corrupt]: [
    'store_not_a_database',
    'is damaged',
    'Stop every process that uses it, keep a copy, and restore the latest backup.',
  ],
  [result.full]: [
    'store_full',
    'could not grow: the disk or quota is full',
    'Free space on its disk, then retry; nothing was booked.',
  ],
  [result.cantOpen]: [
    'store_unreachable',
    'cannot be opened',
    'Check that the folder exists and that this user may read and write it.',
  ],
  [result.constraint]: [
    'plan_impossible',
    'refused a row that the books may not hold',
    'Nothing was booked. This is a defect in Nanocent: please report it.',
  ],
  [result.notADatabase]: [
    'store_not_a_database',
    'is not an SQLite database',
    'Name another file, or move this one away.',
  ],
};

/** node:sqlite refuses to bind a bigint of more than 64 bits before SQLite sees it. */
function bindFailure(error: unknown): unknown {
  if (!hasCode(error, 'ERR_INVALID_ARG_VALUE') || !/bigint/i.test((error as Error).message)) return error;
  return new NanocentError('amount_overflow', 'A number does not fit into 64 bits; nothing was booked.', {
    fix: 'Amounts and counts end at 9223372036854775807.',
    cause: error,
  });
}

/** SQLITE_IOERR_SHMSIZE: the index of the write-ahead log could not grow, which is what a full disk meets first. */
function noRoomForIndex(error: unknown): boolean {
  return hasCode(error, 'ERR_SQLITE_ERROR') && (error as { errcode?: unknown }).errcode === 4874;
}

function primaryCode(error: unknown): number | null {
  if (!hasCode(error, 'ERR_SQLITE_ERROR')) return null;
  const { errcode } = error as { errcode?: unknown };
  return typeof errcode === 'number' ? errcode & 0xff : null;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
