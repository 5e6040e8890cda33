import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AccountName, Quantities } from '../ledger/account.ts';
import type { Hold, Reservation } from '../ledger/reservation.ts';
import { idBytes } from './ids.ts';
import { encodeProgress, encodeTerms, reservationOf, sameTerms } from './reservation-codec.ts';

const account: AccountName = {
  key: 'ab'.repeat(16),
  limitId: 3,
  subject: { username: 'Zoë "Z"' },
  measure: 'cost',
  windowStart: 1_700_000_000_000,
  windowEnd: null,
};
const hold: Hold = { account, held: 5n, posted: 0n, atEnd: 0n, role: 'whole' };
const fresh: Reservation = {
  id: '019aa0b1-0000-7000-8000-000000000001',
  state: 'open',
  attributes: { model: 'gpt-4o', 'tag:team': 'r"d' },
  admitted: { requests: 1n, cost: 5n },
  held: { requests: 1n, cost: 5n },
  posted: {},
  atEnd: {},
  settledWith: null,
  holds: [hold],
  onExpire: 'charge',
  createdAt: 1_700_000_000_000,
  expiresAt: 1_700_000_600_000,
  endedAt: null,
  fence: 1,
  lastLine: { chain: 1, position: 9 },
  draft: '[null]',
};

/** What comes back from the columns. */
function stored(row: Reservation, terms = encodeTerms(row)): Reservation {
  const numbers = [row.createdAt, row.expiresAt, row.endedAt, row.fence, row.lastLine?.position ?? null];
  const columns = numbers.map((value) => (value === null ? null : BigInt(value)));
  return reservationOf([
    idBytes(row.id),
    row.state,
    ...columns,
    terms,
    encodeProgress(row),
    row.draft,
    row.lastLine?.chain ?? null,
  ]);
}

test('a hold as it was admitted has no progress to write', () => {
  assert.equal(encodeProgress(fresh), null);
  assert.deepEqual(stored(fresh), fresh);
  const changes: Partial<Reservation>[] = [
    { held: { requests: 1n, cost: 4n } },
    { posted: { cost: 0n } },
    { atEnd: { cost: 0n } },
    { settledWith: {} },
    { holds: [{ ...hold, held: 4n }] },
    { holds: [{ ...hold, posted: 1n }] },
    { holds: [{ ...hold, atEnd: 1n }] },
    { held: { cost: 5n } },
  ];
  for (const change of changes) {
    const row = { ...fresh, ...change };
    assert.notEqual(encodeProgress(row), null);
    assert.deepEqual(stored(row), row);
  }
});

test('terms change with what is admitted and with the accounts that hold it, not with what happens to them', () => {
  const ended: Reservation = {
    ...fresh,
    state: 'settled',
    posted: { cost: 4n },
    holds: [{ ...hold, held: 0n }],
  };
  assert.equal(sameTerms(fresh, ended), true);
  assert.deepEqual(stored(ended, encodeTerms(fresh)), ended);
  assert.equal(sameTerms(fresh, { ...fresh, admitted: { requests: 1n, cost: 6n } }), false);
  assert.equal(sameTerms(fresh, { ...fresh, holds: [hold, hold] }), false);
  assert.equal(sameTerms(fresh, { ...fresh, holds: [] }), false);
  assert.equal(
    sameTerms(fresh, { ...fresh, holds: [{ ...hold, account: { ...account, limitId: 4 } }] }),
    false,
  );
});

test('every reservation comes back as it was', () => {
  const amount = fc.bigInt(0n, 2n ** 63n - 1n);
  const quantities: fc.Arbitrary<Quantities> = fc
    .dictionary(fc.constantFrom('requests', 'cost', 'input_tokens'), amount, { noNullPrototype: true })
    .map((record) => ({ ...record }));
  const row = fc.record({
    state: fc.constantFrom('open', 'settled', 'voided', 'expired', 'settled_late'),
    admitted: quantities,
    held: quantities,
    posted: quantities,
    atEnd: quantities,
    settledWith: fc.option(quantities),
    holds: fc.array(
      fc
        .record({
          held: amount,
          posted: amount,
          atEnd: amount,
          role: fc.constantFrom('whole', 'hold', 'post'),
        })
        .map((amounts) => ({ ...hold, ...amounts })),
      { maxLength: 3 },
    ),
    onExpire: fc.constantFrom('charge', 'release'),
    endedAt: fc.option(fc.nat()),
    fence: fc.nat(),
    draft: fc.option(fc.string()),
  });
  fc.assert(
    fc.property(row, (fields) => {
      const reservation = { ...fresh, ...fields } as Reservation;
      assert.deepEqual(stored(reservation), reservation);
    }),
  );
});
