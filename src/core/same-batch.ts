import type { AccountName, Leg } from '../ledger/account.ts';
import type { WriteRequest } from './request.ts';

/** Buckets of what is held in this batch and may be posted in it too: otherwise a hold needs none of them. */
export function bucketsPostedHere(
  requests: readonly WriteRequest[],
  legs: ReadonlyMap<WriteRequest, readonly Leg[]>,
): AccountName[] {
  const holding = requests.filter(
    (request) =>
      (request.kind === 'reserve' || request.kind === 'extend') &&
      legs.get(request)!.some(({ role }) => role === 'post'),
  );
  if (holding.length === 0) return [];
  const holds = new Set(holding);
  const ends = new Set<unknown>();
  for (const request of requests) if (!holds.has(request) && 'id' in request) ends.add(request.id);
  return holding.flatMap((request) =>
    'id' in request && ends.has(request.id)
      ? legs.get(request)!.flatMap(({ role, account }) => (role === 'post' ? account : []))
      : [],
  );
}
