import type { Story } from '../story.ts';

/** Windows that move with the clock, counted in steps of at most a sixtieth of their width. */
export const rollingStories: readonly Story[] = [
  {
    name: 'AC-55: five rolling minutes count what happened in them, of everybody',
    table: `
      at       2026-03-01T10:00:00Z
      limit    A  input_tokens 1000 5minute_rolling           -> ruled
      record   t1 1 input_tokens=300 user=ann at=2026-03-01T09:59:00Z  -> recorded
      record   t2 1 input_tokens=400 user=ann at=2026-03-01T09:57:00Z  -> recorded
      record   t3 1 input_tokens=500 user=ann at=2026-03-01T09:50:00Z  -> recorded
      balance  A                           -> 700 0  unadmitted=700
      reserve  r1 1 input_tokens=350       -> refused A:spent used=700 fits=2026-03-01T10:02:04.999Z
      reserve  r2 1 input_tokens=250       -> reserved
      balance  A                           -> 700 250
      reserve  r3 1 input_tokens=60        -> refused A:held used=700 held=250
    `,
  },
  {
    name: 'AC-58 and AC-62: one call an hour; a call counts for an hour, and up to one step longer',
    table: `
      at       2026-03-01T10:00:30Z
      limit    A  requests 1 hour_rolling  -> ruled
      reserve  r1 1 requests=1             -> reserved
      settle   r1 1 requests=1             -> settled
      at       2026-03-01T10:10:30Z
      reserve  r2 1 requests=1             -> refused A:spent used=1 fits=2026-03-01T11:00:59.999Z
      at       2026-03-01T11:00:29Z
      reserve  r3 1 requests=1             -> refused A:spent
      at       2026-03-01T11:00:59.998Z
      reserve  r4 1 requests=1             -> refused A:spent
      at       2026-03-01T11:00:59.999Z
      balance  A                           -> 0 0
      reserve  r5 1 requests=1             -> reserved
    `,
  },
  {
    name: 'an entry exactly as old as the window no longer counts where it lies at the end of a step',
    table: `
      at       2026-03-01T10:00:59.999Z
      limit    A  requests 1 hour_rolling  -> ruled
      record   t 1 requests=1              -> recorded
      at       2026-03-01T11:00:59.998Z
      reserve  r 1 requests=1              -> refused A:spent used=1
      at       2026-03-01T11:00:59.999Z
      reserve  r 1 requests=1              -> reserved
    `,
  },
  {
    name: 'an open hold counts whatever its age, and is posted to the step that admitted it',
    table: `
      at       2026-03-01T10:00:00Z
      limit    A  cost 100 hour_rolling    -> ruled
      reserve  r  60 ttl=12h               -> reserved
      reserve  s  30 ttl=12h               -> reserved
      at       2026-03-01T10:30:00Z
      reserve  t  11                       -> refused A:held used=0 held=90
      settle   r  40                       -> settled
      balance  A                           -> 40 30
      balance  A  of=2026-03-01T10:00:00Z  -> 40 30
      capture  s  5                        -> captured
      balance  A                           -> 45 25
      at       2026-03-01T12:00:00Z
      balance  A                           -> 0 25
      reserve  t  76                       -> refused A:held used=0 held=25
      reserve  t  75                       -> reserved
      settle   s  200                      -> settled overrun=175
      balance  A                           -> 0 75
      balance  A  of=2026-03-01T10:59:00Z  -> 245 75 unadmitted=175
    `,
  },
  {
    name: 'a hold extended in a later step posts each part to the step that admitted it',
    table: `
      at       2026-03-01T10:00:00Z
      limit    A  cost 100 hour_rolling    -> ruled
      reserve  r  60 ttl=2h                -> reserved
      at       2026-03-01T10:30:00Z
      extend   r  30                       -> extended
      balance  A                           -> 0 90
      extend   r  11                       -> refused A:held used=0 held=90
      capture  r  70                       -> captured amount=70
      balance  A                           -> 70 20
      at       2026-03-01T11:01:00Z
      balance  A                           -> 10 20
      settle   r  25                       -> settled amount=25 overrun=5
      balance  A                           -> 35 0   unadmitted=5
      at       2026-03-01T11:31:00Z
      balance  A                           -> 0 0
    `,
  },
  {
    name: 'a hold that ran out, and its late settle, stay in the step of its admission',
    table: `
      at       2026-03-01T10:00:00Z
      limit    A  cost 100 hour_rolling    -> ruled
      reserve  r  60 ttl=10m               -> reserved
      at       2026-03-01T10:40:00Z
      sweep                                -> 1
      balance  A                           -> 60 0
      settle   r  80                       -> settled_late amount=20
      balance  A                           -> 80 0   unadmitted=20
      reserve  s  21                       -> refused A:spent used=80 fits=2026-03-01T11:00:59.999Z
      at       2026-03-01T11:00:59.999Z
      reserve  s  100                      -> reserved
    `,
  },
  {
    name: 'track posts to the step of its own instant, and to none where that has passed',
    table: `
      at       2026-03-01T10:00:00Z
      limit    A  user=* cost 100 hour_rolling   -> ruled
      record   t1 5 user=ann at=2026-03-01T08:59:00Z  -> recorded
      record   t2 7 user=ann at=2026-03-01T09:30:00Z  -> recorded
      record   t3 9 user=ann at=2026-03-01T10:30:00Z  -> recorded
      record   t4 90 user=bob              -> recorded
      balance  A  user=ann                 -> 7 0
      accounts                             -> 3
      at       2026-03-01T10:30:00Z
      balance  A  user=ann                 -> 16 0
      at       2026-03-01T10:30:59.999Z
      balance  A  user=ann                 -> 9 0
      reserve  r  11 user=bob              -> refused A:spent used=90
    `,
  },
  {
    name: 'a new rolling limit counts the rows of its window step by step, and open holds',
    table: `
      at       2026-03-01T10:00:00Z
      record   t1 5 user=ann at=2026-03-01T08:59:59.999Z  -> recorded
      record   t2 7 user=ann at=2026-03-01T09:10:00Z  -> recorded
      record   t3 9 user=ann at=2026-03-01T09:50:00Z  -> recorded
      record   t4 11 user=bob              -> recorded
      reserve  r  20 user=ann ttl=12h      -> reserved
      capture  r  4  user=ann              -> captured
      at       2026-03-01T10:00:30Z
      limit    A  user=* cost 100 hour_rolling  -> ruled
      balance  A  user=ann                 -> 20 16  unadmitted=36
      balance  A  user=bob                 -> 11 0
      at       2026-03-01T10:10:59.999Z
      balance  A  user=ann                 -> 13 16
      settle   r  16                       -> settled
      balance  A  user=ann                 -> 29 0
      at       2026-03-01T11:00:59.999Z
      balance  A  user=ann                 -> 0 0
      limit    B  user=* cost 100 2hour_rolling from-now  -> ruled
      balance  B  user=ann                 -> 0 0
    `,
  },
  {
    name: 'a rolling month goes back to the same day of the month before, or its last',
    table: `
      at       2026-01-31T12:00:00Z
      limit    A  cost 100 month_rolling   -> ruled
      record   t  100                      -> recorded
      at       2026-02-28T23:59:59.999Z
      reserve  r  1                        -> refused A:spent used=100 fits=2026-03-01T00:00:00.000Z
      at       2026-03-01T00:00:00Z
      reserve  r  1                        -> reserved
    `,
  },
  {
    name: 'a correction moves the step of what it corrects',
    table: `
      at       2026-03-01T10:00:00Z
      limit    A  cost 100 hour_rolling    -> ruled
      record   t  60                       -> recorded
      at       2026-03-01T10:30:00Z
      adjust   A  -20 of=2026-03-01T10:00:00Z  -> adjusted
      adjust   A  +5                       -> adjusted
      balance  A                           -> 45 0
      at       2026-03-01T11:00:59.999Z
      balance  A                           -> 5 0
    `,
  },
  {
    name: 'exempt and soft calls count in a rolling window too, as unadmitted',
    table: `
      limit    A  user=* cost 50 hour_rolling  -> ruled
      limit    X  user=ann model=tiny cost -1 hour_rolling  -> ruled
      limit    S  cost 10 hour_rolling soft  -> ruled
      reserve  r  1000 user=ann model=tiny  -> reserved
      settle   r  900                      -> settled
      balance  A  user=ann                 -> 900 0  unadmitted=1000
      balance  S                           -> 900 0
      reserve  s  1 user=ann model=big     -> refused A:spent used=900
      reserve  s  50 user=bob model=big    -> reserved
    `,
  },
];
