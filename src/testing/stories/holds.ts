import type { Story } from '../story.ts';

/** The life of one hold: every edge of the state machine. */
export const holdStories: readonly Story[] = [
  {
    name: 'reserve sets aside, settle posts what was spent and frees the rest',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      balance  A                           -> 0 0
      reserve  r  60                       -> reserved
      balance  A                           -> 0 60   unadmitted=0
      hold     r                           -> open 60 0
      settle   r  35                       -> settled amount=35 overrun=0 row=35 kind=call
      balance  A                           -> 35 0   unadmitted=0
      hold     r                           -> settled 0 35
      rows                                 -> 1 35   calls=1
    `,
  },
  {
    name: 'a settle of exactly the hold, one below, one above, and nothing',
    table: `
      limit    A  cost 1000 lifetime       -> ruled
      reserve  r1 10                       -> reserved
      reserve  r2 10                       -> reserved
      reserve  r3 10                       -> reserved
      reserve  r4 10                       -> reserved
      settle   r1 10                       -> settled amount=10 overrun=0
      settle   r2 9                        -> settled amount=9  overrun=0
      settle   r3 11                       -> settled amount=11 overrun=1
      settle   r4 0                        -> settled amount=0  overrun=0
      balance  A                           -> 30 0   unadmitted=1
      rows                                 -> 4 30   calls=4
    `,
  },
  {
    name: 'what was spent above the hold is posted in full, even over the limit',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      reserve  r  100                      -> reserved
      settle   r  250                      -> settled amount=250 overrun=150
      balance  A                           -> 250 0  unadmitted=150
      hold     r                           -> settled 0 250
      reserve  s  1                        -> refused A:spent used=250 held=0 requested=1 maximum=100
    `,
  },
  {
    name: 'a settle that does not know its cost posts what is held, and says so',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      reserve  r  60 requests=1            -> reserved
      settle   r  requests=1               -> settled amount=60 row=60 basis=reserved source=priced
      balance  A                           -> 60 0
      settle   r  requests=1               -> settled replayed amount=60 row=none
    `,
  },
  {
    name: 'a settle with only an amount makes its row from the hold',
    table: `
      reserve  r  60 user=ann              -> reserved
      settle   r  25 bare                  -> settled amount=25 row=25 source=given kind=call
      rows                                 -> 1 25   calls=1
    `,
  },
  {
    name: 'reserve, settle and capture may be asked at the same moment',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      reserve  r  60                       -> reserved
      & capture r 10 bare                  -> captured amount=10 row=10
      & capture r 20 bare                  -> captured amount=20 row=20
      & settle r  5 bare                   -> settled amount=5 row=5
      balance  A                           -> 35 0
      hold     r                           -> settled 0 35
      rows                                 -> 3 35
    `,
  },
  {
    name: 'void frees everything, and keeps the request of a call that was dispatched',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      limit    N  requests 10 lifetime     -> ruled
      reserve  r1 60 requests=1            -> reserved
      void     r1                          -> voided row=none
      balance  A                           -> 0 0
      balance  N                           -> 0 0
      reserve  r2 60 requests=1            -> reserved
      void     r2 requests=1               -> voided row=none
      balance  A                           -> 0 0    unadmitted=0
      balance  N                           -> 1 0    unadmitted=0
      void     r2 requests=1               -> voided replayed
      hold     r2                          -> voided 0 0
      rows                                 -> 0 0
    `,
  },
  {
    name: 'capture posts one part while the rest stays held',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      reserve  r  60                       -> reserved
      capture  r  20                       -> captured amount=20 overrun=0 row=20
      balance  A                           -> 20 40  unadmitted=0
      hold     r                           -> open 40 20
      capture  r  40                       -> captured amount=40 overrun=0
      balance  A                           -> 60 0   unadmitted=0
      capture  r  1                        -> captured amount=1  overrun=1
      balance  A                           -> 61 0   unadmitted=1
      settle   r  4                        -> settled amount=4 overrun=5
      balance  A                           -> 65 0   unadmitted=5
      rows                                 -> 4 65
      hold     r                           -> settled 0 65
    `,
  },
  {
    name: 'a capture that does not know its cost stays unknown, never zero',
    table: `
      reserve  r  60 requests=1            -> reserved
      capture  r  requests=1               -> captured amount=0 row=unknown source=unpriced
      settle   r                           -> settled amount=60 row=60 basis=reserved
      rows                                 -> 2 60
    `,
  },
  {
    name: 'what was captured survives a void; only the rest is freed',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      reserve  r  60                       -> reserved
      capture  r  20                       -> captured
      void     r                           -> voided
      balance  A                           -> 20 0
      hold     r                           -> voided 0 20
      settle   r  7                        -> settled_late amount=7
      balance  A                           -> 27 0   unadmitted=7
    `,
  },
  {
    name: 'extend adds to the hold with the test of a reserve',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      reserve  r  60                       -> reserved fence=1
      extend   r  39                       -> extended fence=2
      balance  A                           -> 0 99
      extend   r  2                        -> refused A:held used=0 held=99 requested=2 maximum=100
      balance  A                           -> 0 99
      hold     r                           -> open 99 0 fence=2 admitted=99
      extend   r  1 fence=2                -> extended fence=3
      hold     r                           -> open 100 0
      settle   r  100                      -> settled amount=100 overrun=0
      extend   r  1                        -> failed reservation_ended
      balance  A                           -> 100 0  unadmitted=0
    `,
  },
  {
    name: 'a renewal moves the deadline for its owner only, and never back',
    table: `
      at       2026-03-01T10:00:00Z
      reserve  r  60 ttl=10m               -> reserved fence=1
      at       +9m
      extend   r  fence=1 ttl=10m          -> extended fence=2
      extend   r  fence=1 ttl=1h           -> failed reservation_not_owned
      at       +5m
      expire   r                           -> kept
      sweep                                -> 0
      extend   r  fence=2 ttl=1s           -> extended fence=3
      at       +4m
      expire   r                           -> kept
      at       +1m
      expire   r                           -> expired
      extend   r  fence=3 ttl=10m          -> failed reservation_ended
    `,
  },
  {
    name: 'a renewal asks for nothing: no limit can refuse it, no account is added',
    table: `
      at       2026-03-01T23:59:00Z
      limit    A  cost 100 day             -> ruled
      reserve  r  60                       -> reserved
      limit    A  cost 0 day               -> ruled
      at       +2m
      extend   r  ttl=10m                  -> extended
      settle   r  50                       -> settled amount=50
      balance  A of=2026-03-01T00:00:00Z   -> 50 0
      balance  A of=2026-03-02T00:00:00Z   -> 0 0
    `,
  },
  {
    name: 'an extension may add accounts: those of a fallback model',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      limit    B  model=big  cost 100 lifetime  -> ruled
      limit    C  model=tiny cost 100 lifetime  -> ruled
      reserve  r  60 model=big             -> reserved
      extend   r  10 model=tiny            -> extended
      balance  A                           -> 0 70
      balance  B  model=big                -> 0 60
      balance  C  model=tiny               -> 0 10
      capture  r  50 model=big             -> captured amount=50
      settle   r  8  model=tiny            -> settled amount=8 overrun=0
      balance  A                           -> 58 0   unadmitted=0
      balance  B  model=big                -> 50 0   unadmitted=0
      balance  C  model=tiny               -> 8 0    unadmitted=0
    `,
  },
  {
    name: 'a hold ends once: each second ending is said out loud',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      reserve  r  40                       -> reserved
      settle   r  30                       -> settled
      settle   r  30                       -> settled replayed amount=30
      settle   r  31                       -> failed reservation_already_settled
      void     r                           -> failed reservation_ended
      capture  r  1                        -> failed reservation_ended
      at       +1h
      expire   r                           -> kept
      balance  A                           -> 30 0
      rows                                 -> 1 30
    `,
  },
  {
    name: 'two endings at the same moment: the first one stands',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      reserve  r  40                       -> reserved
      settle   r  30                       -> settled
      & settle r  30                       -> settled replayed
      & settle r  29                       -> failed reservation_already_settled
      & void   r                           -> failed reservation_ended
      balance  A                           -> 30 0
      reserve  s  40 ttl=1m                -> reserved
      at       +1m
      settle   s  10                       -> settled amount=10
      & expire s                           -> kept
      balance  A                           -> 40 0
      rows                                 -> 2 40
    `,
  },
  {
    name: 'what was never reserved cannot be ended',
    table: `
      settle   r  1                        -> failed reservation_not_found
      capture  r  1                        -> failed reservation_not_found
      extend   r  1                        -> failed reservation_not_found
      void     r                           -> failed reservation_not_found
      expire   r                           -> kept
      rows                                 -> 0 0
    `,
  },
  {
    name: 'a slot for calls in flight is held and given back, never posted',
    table: `
      limit    C  concurrent_requests 2 none   -> ruled
      reserve  r1 10 concurrent_requests=1 -> reserved
      reserve  r2 10 concurrent_requests=1 -> reserved
      reserve  r3 10 concurrent_requests=1 -> refused C:held used=0 held=2 requested=1 maximum=2
      capture  r1 1                        -> captured
      balance  C                           -> 0 2
      settle   r1 5 concurrent_requests=0  -> settled
      balance  C                           -> 0 1
      void     r2                          -> voided
      balance  C                           -> 0 0
      reserve  r4 10 concurrent_requests=1 ttl=1m  -> reserved
      at       +1m
      sweep                                -> 1
      balance  C                           -> 0 0
      settle   r4 5 concurrent_requests=1  -> settled_late
      balance  C                           -> 0 0
    `,
  },
];
