import type { Story } from '../story.ts';

/** Prepaid credit: one quantity over several grants, each with an account of its own. */
export const grantStories: readonly Story[] = [
  {
    name: 'one hold over two grants, and what is posted follows the order of the hold',
    table: `
      grant    a  10 user=ann              -> ruled
      grant    b  20 user=ann              -> ruled id=1
      reserve  r  31 user=ann              -> refused a:spent maximum=30 used=0 held=0 requested=31
      reserve  r  30 user=ann              -> reserved
      balance  a                           -> 0 10   unadmitted=0
      balance  b                           -> 0 20   unadmitted=0
      reserve  s  1 user=ann               -> refused a:held maximum=30 used=0 held=30
      settle   r  25                       -> settled amount=25 overrun=0
      balance  a                           -> 10 0   unadmitted=0
      balance  b                           -> 15 0   unadmitted=0
      reserve  s  6 user=ann               -> refused a:spent used=25
      reserve  s  5 user=ann               -> reserved
      balance  b                           -> 15 5
    `,
  },
  {
    name: 'lower priority first, then what expires sooner, then the older',
    table: `
      grant    never  10 user=ann          -> ruled
      grant    later  10 user=ann expires=+2h    -> ruled
      grant    soon   10 user=ann expires=+1h    -> ruled
      grant    soon2  10 user=ann expires=+1h    -> ruled
      grant    first  10 user=ann priority=-1    -> ruled
      grant    last   10 user=ann priority=1 expires=+1m  -> ruled
      record   t1 15 user=ann              -> recorded
      balance  first                       -> 10 0
      balance  soon                        -> 5 0
      record   t2 10 user=ann              -> recorded
      balance  soon                        -> 10 0
      balance  soon2                       -> 5 0
      record   t3 30 user=ann              -> recorded
      balance  later                       -> 10 0
      balance  never                       -> 10 0
      balance  last                        -> 5 0
    `,
  },
  {
    name: 'who has no pool is not limited by one, and what costs nothing passes an empty one',
    table: `
      grant    a  10 user=ann              -> ruled
      reserve  b  1000 user=bob            -> reserved
      reserve  c  1000                     -> reserved
      reserve  r  10 user=ann              -> reserved
      settle   r  10                       -> settled
      reserve  s  1 user=ann               -> refused a:spent used=10 held=0 maximum=10
      reserve  s  0 user=ann               -> reserved
      settle   s  0                        -> settled
      reserve  t  requests=1 user=ann      -> reserved
      void     t                           -> voided
      balance  a                           -> 10 0
      accounts                             -> 1
    `,
  },
  {
    name: 'a pool and a limit both have room, or nothing is held on either',
    table: `
      limit    L  user=* cost 15 lifetime  -> ruled
      grant    a  10 user=ann              -> ruled
      grant    b  10 user=ann              -> ruled
      reserve  r  16 user=ann              -> refused L:spent
      reserve  r  21 user=ann              -> refused a:spent L:spent
      balance  a                           -> 0 0
      reserve  r  15 user=ann              -> reserved
      settle   r  15                       -> settled
      balance  L  user=ann                 -> 15 0
      balance  a                           -> 10 0
      balance  b                           -> 5 0
    `,
  },
  {
    name: 'a user and a project with a pool each: a call takes from both',
    table: `
      grant    u  10 user=ann              -> ruled
      grant    p  20 project=search        -> ruled id=2
      reserve  r  11 user=ann project=search      -> refused u:spent
      reserve  r  10 user=ann project=search      -> reserved
      balance  u                           -> 0 10
      balance  p                           -> 0 10
      settle   r  8                        -> settled
      balance  u                           -> 8 0
      balance  p                           -> 8 0
    `,
  },
  {
    name: 'what a call costs above its hold goes to the next grant with room, then to the last',
    table: `
      grant    a  10 user=ann              -> ruled
      grant    b  10 user=ann              -> ruled
      grant    c  10 user=ann              -> ruled
      reserve  r  10 user=ann              -> reserved
      reserve  s  6 user=ann               -> reserved
      settle   r  17                       -> settled amount=17 overrun=7
      balance  a                           -> 10 0   unadmitted=0
      balance  b                           -> 4 6    unadmitted=4
      balance  c                           -> 3 0    unadmitted=3
      settle   s  20                       -> settled overrun=14
      balance  b                           -> 10 0   unadmitted=4
      balance  c                           -> 17 0   unadmitted=17
      reserve  t  1 user=ann               -> refused a:spent used=37 maximum=30
    `,
  },
  {
    name: 'a grant that was added while the call ran takes what it cost above its hold',
    table: `
      grant    a  10 user=ann              -> ruled
      reserve  r  10 user=ann              -> reserved
      grant    b  10 user=ann              -> ruled
      settle   r  12                       -> settled overrun=2
      balance  a                           -> 10 0
      balance  b                           -> 2 0    unadmitted=2
    `,
  },
  {
    name: 'what was overdrawn counts against the next grant',
    table: `
      grant    a  10 user=ann              -> ruled
      record   t  14 user=ann              -> recorded
      balance  a                           -> 14 0   unadmitted=14
      grant    b  10 user=ann              -> ruled
      reserve  r  7 user=ann               -> refused a:spent maximum=20 used=14
      reserve  r  6 user=ann               -> reserved
      balance  b                           -> 0 6
    `,
  },
  {
    name: 'an expired grant takes nothing new; a hold from before settles on it',
    table: `
      at       2026-03-01T10:00:00Z
      grant    a  10 user=ann expires=2026-03-01T11:00:00Z  -> ruled
      grant    b  10 user=ann              -> ruled
      at       2026-03-01T10:59:59.999Z
      reserve  r  8 user=ann ttl=1h        -> reserved
      at       2026-03-01T11:00:00Z
      reserve  s  11 user=ann              -> refused a:spent maximum=10 used=0 held=0
      reserve  s  3 user=ann               -> reserved
      balance  b                           -> 0 3
      settle   r  9                        -> settled overrun=1
      balance  a                           -> 8 0    unadmitted=0
      balance  b                           -> 1 3    unadmitted=1
    `,
  },
  {
    name: 'with every grant expired what costs is refused, and what is booked stands beside the pool',
    table: `
      at       2026-03-01T10:00:00Z
      grant    a  10 user=ann expires=2026-03-01T11:00:00Z  -> ruled
      reserve  r  4 user=ann ttl=2h        -> reserved
      at       2026-03-01T11:00:00Z
      reserve  s  1 user=ann               -> refused a:spent maximum=0 used=0 requested=1
      reserve  s  0 user=ann               -> reserved
      settle   r  5                        -> settled overrun=1
      balance  a                           -> 5 0    unadmitted=1
      record   t  2 user=ann               -> recorded
      settle   s  3                        -> settled overrun=3
      balance  a                           -> 5 0
      accounts                             -> 2
    `,
  },
  {
    name: 'a refund takes back what is neither spent nor held, once',
    table: `
      grant    a  10 user=ann              -> ruled
      grant    b  10 user=ann              -> ruled
      reserve  r  4 user=ann               -> reserved
      settle   r  3                        -> settled
      reserve  s  2 user=ann               -> reserved
      refund   a                           -> ruled refunded=5
      refund   a                           -> replayed
      reserve  t  11 user=ann              -> refused a:spent maximum=10 used=0 held=0
      reserve  t  1 user=ann               -> reserved
      balance  b                           -> 0 1
      settle   s  4                        -> settled overrun=2
      balance  a                           -> 5 0    unadmitted=0
      balance  b                           -> 2 1    unadmitted=2
      refund   77                          -> failed grant_not_found
    `,
  },
  {
    name: 'void frees every grant, expiry charges or frees every grant',
    table: `
      at       2026-03-01T10:00:00Z
      grant    a  10 user=ann              -> ruled
      grant    b  10 user=ann              -> ruled
      grant    c  10 user=ann              -> ruled
      reserve  v  15 user=ann              -> reserved
      void     v                           -> voided
      balance  a                           -> 0 0
      balance  b                           -> 0 0
      reserve  f  15 user=ann release      -> reserved
      reserve  c1 14 user=ann              -> reserved
      at       2026-03-01T10:10:00Z
      sweep                                -> 2
      balance  a                           -> 0 0
      balance  b                           -> 5 0
      balance  c                           -> 9 0
      settle   c1 16                       -> settled_late amount=2
      balance  b                           -> 5 0    unadmitted=0
      balance  a                           -> 2 0    unadmitted=2
      balance  c                           -> 9 0    unadmitted=0
      settle   f  12                       -> settled_late amount=12
      balance  a                           -> 10 0
      balance  b                           -> 9 0
    `,
  },
  {
    name: 'a late settle that is less takes back from the last grant first',
    table: `
      at       2026-03-01T10:00:00Z
      grant    a  10 user=ann              -> ruled
      grant    b  10 user=ann              -> ruled
      reserve  r  15 user=ann              -> reserved
      at       2026-03-01T10:10:00Z
      sweep                                -> 1
      settle   r  8                        -> settled_late amount=-7
      balance  a                           -> 8 0
      balance  b                           -> 0 0
      settle   r  8                        -> settled_late replayed
      settle   r  9                        -> failed reservation_already_settled
    `,
  },
  {
    name: 'an extension takes the next grants, a capture the first',
    table: `
      grant    a  10 user=ann              -> ruled
      grant    b  10 user=ann              -> ruled
      reserve  r  6 user=ann               -> reserved
      extend   r  8 user=ann               -> extended
      balance  a                           -> 0 10
      balance  b                           -> 0 4
      extend   r  7 user=ann               -> refused a:held held=14 requested=7
      capture  r  7                        -> captured amount=7
      balance  a                           -> 7 3
      capture  r  5                        -> captured
      balance  a                           -> 10 0
      balance  b                           -> 2 2
      capture  r  6                        -> captured overrun=4
      balance  b                           -> 8 0    unadmitted=4
      settle   r  0                        -> settled
      balance  a                           -> 10 0
      balance  b                           -> 8 0
    `,
  },
  {
    name: 'two calls at once never spend the same grant twice',
    table: `
      grant    a  10 user=ann              -> ruled
      grant    b  10 user=ann              -> ruled
      reserve  r1 9 user=ann               -> reserved
      & reserve r2 9 user=ann              -> reserved
      & reserve r3 9 user=ann              -> refused a:held held=18
      & settle r1 9                        -> settled
      balance  a                           -> 9 1
      balance  b                           -> 0 8
    `,
  },
  {
    name: 'the same reference is the same grant, with other fields a conflict',
    table: `
      grant    a  10 user=ann idempotency=order-17           -> ruled
      grant    a2 10 user=ann idempotency=order-17           -> replayed
      & grant  a3 10 user=ann idempotency=order-17           -> replayed
      grant    a4 11 user=ann idempotency=order-17 body=other  -> failed idempotency_conflict
      reserve  r  11 user=ann              -> refused a:spent maximum=10
      refund   a                           -> ruled refunded=10
      grant    a5 10 user=ann idempotency=order-17           -> replayed
      reserve  r  1 user=ann               -> refused a:spent maximum=0
    `,
  },
  {
    name: 'what happened before the first grant is not taken from it',
    table: `
      at       2026-03-01T10:00:00Z
      record   t1 5 user=ann               -> recorded
      reserve  r  5 user=ann               -> reserved
      grant    a  10 user=ann              -> ruled
      settle   r  5                        -> settled
      record   t2 3 user=ann at=2026-03-01T09:59:59.999Z    -> recorded
      balance  a                           -> 0 0
      at       2026-03-01T10:30:00Z
      grant    b  10 user=ann priority=-1  -> ruled
      record   t3 3 user=ann at=2026-03-01T10:10:00Z        -> recorded
      balance  a                           -> 3 0
      balance  b                           -> 0 0
    `,
  },
  {
    name: 'a grant that is past, and more than all of them may come to',
    table: `
      at       2026-03-01T10:00:00Z
      grant    a  10 user=ann expires=2026-03-01T10:00:00Z  -> failed time_invalid
      grant    b  2^63-1 user=ann          -> ruled
      grant    c  1 user=ann               -> failed amount_overflow
      reserve  r  2^63-1 user=ann          -> reserved
      reserve  s  1 user=ann               -> refused b:held
      settle   r  2^63-1                   -> settled
    `,
  },
];
