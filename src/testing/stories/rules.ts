import type { Story } from '../story.ts';

/** Limits that begin, move and end while money is in flight; windows that turn. */
export const ruleStories: readonly Story[] = [
  {
    name: 'a new limit counts what already happened: rows of its window and open holds',
    table: `
      at       2026-03-01T10:00:00Z
      record   t1 500 user=ann at=2026-02-28T23:59:59.999Z  -> recorded
      record   t2 30 user=ann at=2026-03-01T00:00:00Z       -> recorded
      record   t3 4  user=bob              -> recorded
      record   t4 8  user=ann at=2026-03-02T00:00:00Z       -> recorded
      reserve  r  20 user=ann              -> reserved
      capture  r  5  user=ann              -> captured
      reserve  v  50 user=ann              -> reserved
      void     v                           -> voided
      limit    A  user=* cost 60 day       -> ruled
      balance  A  user=ann                 -> 35 15  unadmitted=50
      balance  A  user=bob                 -> 4 0    unadmitted=4
      reserve  s  11 user=ann              -> refused A:held used=35 held=15
      reserve  s  10 user=ann              -> reserved
      settle   r  7                        -> settled amount=7
      balance  A  user=ann                 -> 42 10
    `,
  },
  {
    name: 'a new limit counts calls and tokens too',
    table: `
      record   t1 5 requests=1 input_tokens=100 output_tokens=10 model=big  -> recorded
      record   t2 5 requests=1 input_tokens=50 output_tokens=1 model=big    -> recorded
      record   t3 5 requests=1 input_tokens=7 output_tokens=1 model=tiny    -> recorded
      reserve  r  5 requests=1 input_tokens=1000 concurrent_requests=1 model=big  -> reserved
      limit    R  model=big requests 10 month          -> ruled
      limit    I  model=big input_tokens 5000 month    -> ruled
      limit    T  total_tokens 5000 month              -> ruled
      limit    C  concurrent_requests 1 none           -> ruled
      balance  R  model=big                -> 2 1
      balance  I  model=big                -> 150 1000
      balance  T                           -> 169 0
      balance  C                           -> 0 1
      reserve  s  1 concurrent_requests=1  -> refused C:held
      settle   r  1 requests=1 input_tokens=9 concurrent_requests=0  -> settled
      balance  R  model=big                -> 3 0
      balance  I  model=big                -> 159 0
      balance  C                           -> 0 0
    `,
  },
  {
    name: 'a new limit from now counts nothing of before',
    table: `
      record   t  30 user=ann              -> recorded
      reserve  r  20 user=ann              -> reserved
      limit    A  user=* cost 60 day from-now  -> ruled
      balance  A  user=ann                 -> 0 0
      settle   r  20                       -> settled
      balance  A  user=ann                 -> 0 0
      reserve  s  61 user=ann              -> refused A:spent used=0
      reserve  s  60 user=ann              -> reserved
    `,
  },
  {
    name: 'a new maximum keeps the counters, whichever way it goes',
    table: `
      limit    A  user=* cost 100 day      -> ruled id=1
      reserve  r  60 user=ann              -> reserved
      record   t  30 user=ann              -> recorded
      limit    A  user=* cost 50 day       -> ruled id=1
      balance  A  user=ann                 -> 30 60
      reserve  s  1 user=ann               -> refused A:held used=30 held=60 maximum=50
      settle   r  60                       -> settled
      reserve  s  1 user=ann               -> refused A:spent used=90 maximum=50
      limit    A  user=* cost 91 day       -> ruled id=1
      reserve  s  2 user=ann               -> refused A:spent
      reserve  s  1 user=ann               -> reserved
      reserve  u  91 user=bob              -> reserved
    `,
  },
  {
    name: 'another scope, type or window is another limit',
    table: `
      limit    A  user=* cost 100 day      -> ruled id=1
      limit    B  user=* cost 100 month    -> ruled id=2
      limit    C  user=ann cost 100 day    -> ruled id=3
      limit    D  user=* requests 100 day  -> ruled id=4
      limit    E  cost 100 day             -> ruled id=5
      limit    F  cost 100 day@Asia/Tokyo  -> ruled id=6
      limit    F  cost 120 day@Asia/Tokyo  -> ruled id=6
    `,
  },
  {
    name: 'an ended limit stops refusing, and holds that it admitted still settle on it',
    table: `
      limit    A  cost 100 lifetime        -> ruled id=1
      reserve  r  100                      -> reserved
      reserve  s  1                        -> refused A:held
      end      A                           -> ruled
      end      A                           -> failed limit_not_found
      reserve  s  1000                     -> reserved
      settle   r  90                       -> settled
      balance  A                           -> 90 0
      settle   s  1000                     -> settled
      balance  A                           -> 90 0
      limit    B  cost 2000 lifetime       -> ruled id=2
      balance  B                           -> 1090 0
    `,
  },
  {
    name: 'there is no limit that was never set',
    table: `
      end      77                          -> failed limit_not_found
    `,
  },
  {
    name: 'a change of limits waits for what was asked before it and holds for what comes after',
    table: `
      reserve  r1 60                       -> reserved
      & limit  A  cost 100 lifetime        -> ruled
      & reserve r2 41                      -> refused A:held used=0 held=60
      & reserve r3 40                      -> reserved
      & end    1                           -> ruled
      & reserve r4 500                     -> reserved
      balance  A                           -> 0 100
    `,
  },
  {
    name: 'a window that turns is a new account; nothing is zeroed',
    table: `
      at       2026-03-01T23:00:00Z
      limit    A  cost 100 day             -> ruled
      record   t  100                      -> recorded
      at       2026-03-01T23:59:59.999Z
      reserve  r  1                        -> refused A:spent used=100
      at       2026-03-02T00:00:00Z
      reserve  r  100                      -> reserved
      balance  A  of=2026-03-01T12:00:00Z  -> 100 0
      balance  A                           -> 0 100
    `,
  },
  {
    name: 'a settle in a later window posts to the window that admitted it',
    table: `
      at       2026-03-01T23:55:00Z
      limit    A  cost 100 day             -> ruled
      reserve  r  60                       -> reserved
      reserve  v  20                       -> reserved
      at       2026-03-02T00:01:00Z
      settle   r  70                       -> settled overrun=10
      void     v                           -> voided
      balance  A  of=2026-03-01T00:00:00Z  -> 70 0   unadmitted=10
      balance  A                           -> 0 0
      reserve  s  100                      -> reserved
      at       2026-03-05T00:00:00Z
      sweep                                -> 1
      settle   s  99                       -> settled_late amount=-1
      balance  A  of=2026-03-02T00:00:00Z  -> 99 0
      balance  A                           -> 0 0
    `,
  },
  {
    name: 'a hold extended in a later window posts each part to the window that admitted it',
    table: `
      at       2026-03-01T23:55:00Z
      limit    A  cost 100 day             -> ruled
      limit    G  cost 1000 lifetime       -> ruled
      reserve  r  60                       -> reserved
      at       2026-03-02T00:01:00Z
      extend   r  30                       -> extended
      balance  A  of=2026-03-01T00:00:00Z  -> 0 60
      balance  A                           -> 0 30
      balance  G                           -> 0 90
      capture  r  70                       -> captured amount=70 overrun=0
      balance  A  of=2026-03-01T00:00:00Z  -> 60 0
      balance  A                           -> 10 20
      settle   r  25                       -> settled amount=25 overrun=5
      balance  A  of=2026-03-01T00:00:00Z  -> 60 0   unadmitted=0
      balance  A                           -> 35 0   unadmitted=5
      balance  G                           -> 95 0   unadmitted=5
    `,
  },
  {
    name: 'a late settle over two windows takes back from the later one first',
    table: `
      at       2026-03-01T23:55:00Z
      limit    A  cost 100 day             -> ruled
      reserve  r  60 ttl=10m               -> reserved
      at       2026-03-02T00:01:00Z
      extend   r  30                       -> extended
      at       2026-03-02T01:00:00Z
      sweep                                -> 1
      balance  A  of=2026-03-01T00:00:00Z  -> 60 0
      balance  A                           -> 30 0
      settle   r  50                       -> settled_late amount=-40
      balance  A  of=2026-03-01T00:00:00Z  -> 50 0
      balance  A                           -> 0 0
    `,
  },
  {
    name: 'track posts to the window of its own time',
    table: `
      at       2026-03-02T10:00:00Z
      limit    A  cost 100 day             -> ruled
      record   t1 40 at=2026-03-01T23:59:59.999Z  -> recorded
      record   t2 7 at=2026-03-02T00:00:00Z       -> recorded
      record   t3 5 at=2026-03-03T01:00:00Z       -> recorded
      balance  A  of=2026-03-01T00:00:00Z  -> 40 0
      balance  A                           -> 7 0
      balance  A  of=2026-03-03T00:00:00Z  -> 5 0
    `,
  },
  {
    name: 'a day in a zone begins at its own midnight, and is 23 hours when clocks go forward',
    table: `
      at       2026-03-28T22:59:59.999Z
      limit    A  cost 100 day@Europe/Berlin      -> ruled
      record   t1 10                       -> recorded
      at       2026-03-28T23:00:00Z
      record   t2 20                       -> recorded
      at       2026-03-29T21:59:59.999Z
      record   t3 40                       -> recorded
      balance  A                           -> 60 0
      at       2026-03-29T22:00:00Z
      balance  A                           -> 0 0
      balance  A  of=2026-03-28T12:00:00Z  -> 10 0
    `,
  },
  {
    name: 'a clock set back opens no window again',
    table: `
      at       2026-03-02T00:00:01Z
      limit    A  cost 100 day             -> ruled
      reserve  r  100 ttl=10m              -> reserved
      at       2026-03-01T23:59:00Z
      reserve  s  1                        -> refused A:held
      sweep                                -> 0
      expire   r                           -> kept
      settle   r  90                       -> settled
      reserve  s  11                       -> refused A:spent used=90
    `,
  },
  {
    name: 'a purge takes the rows and leaves the counters',
    table: `
      at       2026-03-02T10:00:00Z
      limit    A  cost 100 month           -> ruled
      record   t1 30 at=2026-03-01T10:00:00Z      -> recorded
      record   t2 20 at=2026-03-02T00:00:00Z      -> recorded
      reserve  r  10                       -> reserved
      purge    2026-03-02T00:00:00Z        -> purged
      rows                                 -> 1 20
      balance  A                           -> 50 10
      settle   r  10                       -> settled
      & purge  2026-03-02T12:00:00Z        -> purged
      & record t3 5 at=2026-03-02T09:00:00Z       -> recorded
      rows                                 -> 1 5
      balance  A                           -> 65 0
    `,
  },
  {
    name: 'a raise holds until its end, without anybody writing anything then',
    table: `
      at       2026-03-01T10:00:00Z
      limit    A  cost 100 day             -> ruled id=1
      reserve  r  100                      -> reserved
      raise    A  150 until=+1h reason=fair  -> ruled id=1
      raise    A  120 until=+2h            -> ruled id=1
      raise    A  100 until=+2h            -> failed limit_invalid
      raise    A  200 until=+0             -> failed limit_invalid
      raise    9  200 until=+1h            -> failed limit_not_found
      reserve  s  51                       -> refused A:held held=100 maximum=150
      reserve  s  50                       -> reserved
      settle   r  100                      -> settled
      settle   s  15                       -> settled
      at       2026-03-01T10:59:59.999Z
      reserve  t  36                       -> refused A:spent used=115 maximum=150
      at       2026-03-01T11:00:00Z
      reserve  t  6                        -> refused A:spent used=115 maximum=120
      reserve  t  5                        -> reserved
      limit    A  cost 110 day             -> ruled id=1
      void     t                           -> voided
      reserve  u  5                        -> reserved
      at       2026-03-01T12:00:00Z
      reserve  v  1                        -> refused A:spent maximum=110
      end      A                           -> ruled
      raise    A  200 until=+1h            -> failed limit_not_found
    `,
  },
  {
    name: 'what denies or exempts is raised too',
    table: `
      limit    A  cost 0 day               -> ruled
      reserve  r  1                        -> refused A:denied
      raise    A  5 until=+1h              -> ruled
      reserve  r  6                        -> refused A:spent maximum=5
      reserve  r  5                        -> reserved
      at       +1h
      reserve  s  0                        -> refused A:denied
      settle   r  5                        -> settled
      end      A                           -> ruled
      limit    X  user=ann cost -1 day     -> ruled
      reserve  t  100 user=ann             -> reserved
      raise    X  120 until=+1h            -> ruled
      reserve  u  21 user=ann              -> refused X:held held=100 maximum=120
      at       +1h
      reserve  u  21 user=ann              -> reserved
    `,
  },
];
