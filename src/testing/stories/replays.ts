import type { Story } from '../story.ts';

/** Asking twice, and numbers at the edge of what can be stored. */
export const replayStories: readonly Story[] = [
  {
    name: 'the same key with the same body answers the same and moves once',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      reserve  r  40 idempotency=k         -> reserved
      reserve  s  40 idempotency=k         -> replayed r
      settle   r  30                       -> settled
      reserve  s  40 idempotency=k         -> replayed r
      balance  A                           -> 30 0
      record   t  5 idempotency=j          -> recorded
      record   u  5 idempotency=j          -> replayed t
      balance  A                           -> 35 0
      rows                                 -> 2 35
    `,
  },
  {
    name: 'the same key with another body is a conflict and moves nothing',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      reserve  r  40 idempotency=k body=one  -> reserved
      reserve  s  41 idempotency=k body=two  -> failed idempotency_conflict
      record   t  5 idempotency=k body=three -> failed idempotency_conflict
      balance  A                           -> 0 40
      hold     s                           -> absent
    `,
  },
  {
    name: 'the same key twice at the same moment: one moves, the other is told so',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      reserve  r  40 idempotency=k         -> reserved
      & reserve s 40 idempotency=k         -> replayed r
      & reserve u 40 idempotency=k body=x  -> failed idempotency_conflict
      & reserve v 40 idempotency=other     -> reserved
      balance  A                           -> 0 80
      record   t1 5 idempotency=j          -> recorded
      & record t2 5 idempotency=j          -> replayed t1
      balance  A                           -> 5 80
    `,
  },
  {
    name: 'a refusal is not remembered: the key may be used again',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      reserve  r  60                       -> reserved
      reserve  s  50 idempotency=k         -> refused A:held
      reserve  s  50 idempotency=k body=x  -> refused A:held
      void     r                           -> voided
      reserve  s  50 idempotency=k         -> reserved
      reserve  u  50 idempotency=k         -> replayed s
    `,
  },
  {
    name: 'two with one key at the same moment, the first refused: the second is decided for itself',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      reserve  r  101 idempotency=k body=x -> refused A:spent
      & reserve s 100 idempotency=k        -> reserved
      balance  A                           -> 0 100
    `,
  },
  {
    name: 'a void lets its key go',
    table: `
      reserve  r  60 idempotency=k         -> reserved
      void     r                           -> voided
      reserve  s  60 idempotency=k body=x  -> reserved
      reserve  u  60 idempotency=k body=x  -> replayed s
      void     r                           -> voided replayed
      reserve  u  60 idempotency=k body=x  -> replayed s
    `,
  },
  {
    name: 'an expiry and a settle keep the key',
    table: `
      reserve  r  60 idempotency=k ttl=1m  -> reserved
      at       +1m
      sweep                                -> 1
      reserve  s  60 idempotency=k         -> replayed r
      settle   r  5                        -> settled_late
      reserve  s  60 idempotency=k         -> replayed r
    `,
  },
  {
    name: 'a reservation id that is known is the same reservation',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      reserve  r  60                       -> reserved
      reserve  r  60                       -> reserved replayed
      & reserve r 60                       -> reserved replayed
      balance  A                           -> 0 60
    `,
  },
  {
    name: 'a correction asked twice corrects once',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      record   t  60                       -> recorded
      adjust   A  -10 idempotency=k        -> adjusted
      adjust   A  -10 idempotency=k        -> replayed
      balance  A                           -> 50 0
    `,
  },
  {
    name: 'every digit counts beyond 2^53',
    table: `
      limit    A  cost 2^63-1 lifetime     -> ruled
      reserve  r1 2^53-1                   -> reserved
      settle   r1 2^53-1                   -> settled amount=2^53-1 row=2^53-1
      balance  A                           -> 2^53-1 0
      reserve  r2 1                        -> reserved
      settle   r2 1                        -> settled
      balance  A                           -> 2^53 0
      record   t  1                        -> recorded
      balance  A                           -> 2^53+1 0
      reserve  r3 2^53+1                   -> reserved
      balance  A                           -> 2^53+1 2^53+1
      hold     r3                          -> open 2^53+1 0
      settle   r3 2^53+1                   -> settled amount=2^53+1 row=2^53+1
      balance  A                           -> 18014398509481986 0
      rows                                 -> 4 18014398509481986
    `,
  },
  {
    name: 'an account fills to exactly 2^63 − 1, and one more leaves nothing behind',
    table: `
      limit    A  cost 2^63-1 lifetime     -> ruled
      reserve  r  2^63-2                   -> reserved
      balance  A                           -> 0 2^63-2
      record   t1 2                        -> failed amount_overflow
      record   t2 1                        -> recorded
      record   t3 1                        -> failed amount_overflow
      settle   r  2^63-1                   -> failed amount_overflow
      hold     r                           -> open 2^63-2 0
      settle   r  2^63-2                   -> settled
      balance  A                           -> 2^63-1 0
      reserve  s  1                        -> refused A:spent
      rows                                 -> 2 2^63-1
    `,
  },
  {
    name: 'an amount that no column holds is refused before it is written, limit or not',
    table: `
      reserve  r  2^63                     -> failed amount_overflow
      record   t  2^63                     -> failed amount_overflow
      reserve  s  2^63-1                   -> reserved
      extend   s  1                        -> failed amount_overflow
      capture  s  2^63-1                   -> captured
      capture  s  1                        -> failed amount_overflow
      hold     s                           -> open 0 2^63-1
      rows                                 -> 1 2^63-1
    `,
  },
  {
    name: 'totals pass 2^63 and stay exact',
    table: `
      record   t1 2^63-1 user=ann          -> recorded
      record   t2 2^63-1 user=bob          -> recorded
      record   t3 1 user=cat               -> recorded
      rows                                 -> 3 18446744073709551615
    `,
  },
];
