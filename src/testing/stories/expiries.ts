import type { Story } from '../story.ts';

/** Deadlines that pass, and what is heard after them. */
export const expiryStories: readonly Story[] = [
  {
    name: 'a hold past its deadline is charged',
    table: `
      at       2026-03-01T10:00:00Z
      limit    A  cost 100 lifetime        -> ruled
      reserve  r  60 ttl=10m               -> reserved
      expire   r                           -> kept
      at       2026-03-01T10:09:59.999Z
      expire   r                           -> kept
      sweep                                -> 0
      at       2026-03-01T10:10:00Z
      sweep                                -> 1
      balance  A                           -> 60 0   unadmitted=0
      hold     r                           -> expired 0 60
      rows                                 -> 1 60   calls=1
      expire   r                           -> kept
      sweep                                -> 0
      rows                                 -> 1 60
    `,
  },
  {
    name: 'a hold past its deadline is freed where its reserve chose so',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      reserve  r  60 release ttl=10m       -> reserved
      capture  r  15                       -> captured
      at       +10m
      expire   r                           -> expired amount=0 row=none
      balance  A                           -> 15 0
      hold     r                           -> expired 0 15
      rows                                 -> 1 15
    `,
  },
  {
    name: 'an expiry charges only what was not captured',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      reserve  r  60 ttl=10m               -> reserved
      capture  r  15                       -> captured
      at       +10m
      expire   r                           -> expired amount=45 row=45 kind=expiry basis=reserved
      balance  A                           -> 60 0
      rows                                 -> 2 60
    `,
  },
  {
    name: 'a late settle below what the expiry charged gives the difference back, once',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      reserve  r  60 ttl=10m               -> reserved
      at       +10m
      expire   r                           -> expired amount=60 calls=1
      settle   r  20                       -> settled_late amount=-40 row=-40 kind=late calls=0
      balance  A                           -> 20 0   unadmitted=0
      hold     r                           -> settled_late 0 20
      rows                                 -> 2 20   calls=1
      settle   r  20                       -> settled_late replayed row=none
      settle   r  21                       -> failed reservation_already_settled
      balance  A                           -> 20 0
    `,
  },
  {
    name: 'a late settle above what the expiry charged posts the rest, admitted by nothing',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      reserve  r  60 ttl=10m               -> reserved
      at       +10m
      expire   r                           -> expired amount=60
      settle   r  75                       -> settled_late amount=15 overrun=15 row=15 kind=late
      balance  A                           -> 75 0   unadmitted=15
      rows                                 -> 2 75   calls=1
    `,
  },
  {
    name: 'a late settle of what the expiry charged changes nothing and is remembered',
    table: `
      reserve  r  60 ttl=10m               -> reserved
      at       +10m
      expire   r                           -> expired
      settle   r  60                       -> settled_late amount=0 row=0 kind=late
      settle   r  60                       -> settled_late replayed
      settle   r  59                       -> failed reservation_already_settled
    `,
  },
  {
    name: 'a late settle with only an amount has a row of its own',
    table: `
      reserve  r  60 ttl=10m               -> reserved
      at       +10m
      expire   r                           -> expired amount=60
      settle   r  20 bare                  -> settled_late amount=-40 row=-40 kind=late calls=0
      rows                                 -> 2 20   calls=1
    `,
  },
  {
    name: 'expiry and late settle at the same moment count one call',
    table: `
      reserve  r  60 ttl=10m               -> reserved
      at       +10m
      expire   r                           -> expired amount=60
      & settle r  20 bare                  -> settled_late amount=-40 kind=late calls=0
      rows                                 -> 2 20   calls=1
    `,
  },
  {
    name: 'a late settle after a release or a void is all new money',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      reserve  r  60 release ttl=10m       -> reserved
      reserve  v  30                       -> reserved
      void     v                           -> voided
      at       +10m
      expire   r                           -> expired amount=0
      settle   r  25                       -> settled_late amount=25 row=25 kind=late calls=1
      settle   v  5                        -> settled_late amount=5  row=5  kind=late calls=1
      balance  A                           -> 30 0   unadmitted=30
      rows                                 -> 2 30   calls=2
    `,
  },
  {
    name: 'a late settle does not undo a refund that came first',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      reserve  r  60 ttl=10m               -> reserved
      at       +10m
      expire   r                           -> expired amount=60
      adjust   A  -50                      -> adjusted amount=-50
      settle   r  0                        -> failed amount_invalid
      balance  A                           -> 10 0
      settle   r  50                       -> settled_late amount=-10
      balance  A                           -> 0 0
    `,
  },
];
