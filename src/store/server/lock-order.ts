import type { AccountName } from '../../ledger/account.ts';

/**
 * The one order in which account rows are made and locked, by every process and on every server: those of specific limits before
 * those that everybody shares, so that the row that all wait for is held for the shortest time; then by key.
 */
export function inLockOrder<Name extends AccountName>(accounts: readonly Name[]): Name[] {
  return [...accounts].sort((left, right) => {
    const order = isShared(left) - isShared(right);
    return order !== 0 ? order : left.key < right.key ? -1 : Number(left.key > right.key);
  });
}

function isShared({ subject }: AccountName): 0 | 1 {
  for (const _ in subject) return 0;
  return 1;
}
