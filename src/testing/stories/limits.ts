import type { Story } from '../story.ts';

/** What a limit admits, refuses and counts. */
export const limitStories: readonly Story[] = [
  {
    name: 'the limit itself passes, one below passes, one above does not',
    table: `
      limit    A  user=* cost 100 lifetime -> ruled
      reserve  r1 99  user=ann             -> reserved
      reserve  r2 100 user=bob             -> reserved
      reserve  r3 101 user=cat             -> refused A:spent used=0 held=0 requested=101 maximum=100
      reserve  r4 1   user=ann             -> reserved
      reserve  r5 1   user=ann             -> refused A:held used=0 held=100 requested=1
      balance  A  user=ann                 -> 0 100
      balance  A  user=bob                 -> 0 100
      balance  A  user=cat                 -> 0 0
    `,
  },
  {
    name: 'a refusal says whether the money is spent or only held',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      record   t  60                       -> recorded
      reserve  r1 30                       -> reserved
      reserve  r2 11                       -> refused A:held  used=60 held=30 requested=11 maximum=100
      reserve  r3 40                       -> refused A:held  used=60 held=30 requested=40
      reserve  r4 41                       -> refused A:spent used=60 held=30 requested=41
      settle   r1 30                       -> settled
      reserve  r5 11                       -> refused A:spent used=90 held=0 requested=11
      reserve  r6 10                       -> reserved
    `,
  },
  {
    name: 'nothing asked passes where nothing is left, but not where everything is denied',
    table: `
      limit    A  user=ann cost 100 lifetime  -> ruled
      limit    D  user=bob cost 0 lifetime    -> ruled
      record   t  100 user=ann             -> recorded
      reserve  r1 0   user=ann             -> reserved
      reserve  r2 1   user=ann             -> refused A:spent
      reserve  r3 0   user=bob             -> refused D:denied used=0 held=0 requested=0 maximum=0
      reserve  r4 1   user=bob             -> refused D:denied
      record   u  7   user=bob             -> recorded
      balance  D  user=bob                 -> 7 0 unadmitted=7
    `,
  },
  {
    name: 'a zero of requests refuses a call that costs nothing',
    table: `
      limit    D  model=big requests 0 day -> ruled
      reserve  r1 0 requests=1 model=big   -> refused D:denied
      reserve  r2 0 requests=1 model=tiny  -> reserved
    `,
  },
  {
    name: 'minus one exempts from less specific limits of its type, never from a global one',
    table: `
      limit    G  cost 1000 lifetime       -> ruled
      limit    E  user=* cost 100 lifetime -> ruled
      limit    N  user=* requests 2 lifetime          -> ruled
      limit    X  user=ann cost -1 lifetime           -> ruled
      reserve  r1 101 user=bob             -> refused E:spent
      reserve  r2 101 requests=1 user=ann  -> reserved
      balance  E  user=ann                 -> 0 101 unadmitted=101
      settle   r2 150 requests=1           -> settled
      balance  E  user=ann                 -> 150 0 unadmitted=150
      balance  G                           -> 150 0 unadmitted=49
      reserve  r3 900 requests=1 user=ann  -> refused G:spent
      reserve  r4 1 requests=1 user=ann    -> reserved
      reserve  r5 1 requests=1 user=ann    -> refused N:held
    `,
  },
  {
    name: 'an exemption that becomes a limit has counted all along',
    table: `
      limit    X  user=ann cost -1 lifetime  -> ruled
      reserve  r  60 user=ann              -> reserved
      record   t  30 user=ann              -> recorded
      limit    X  user=ann cost 100 lifetime -> ruled id=1
      balance  X  user=ann                 -> 30 60
      reserve  s  11 user=ann              -> refused X:held used=30 held=60
      reserve  s  10 user=ann              -> reserved
    `,
  },
  {
    name: 'an unset field shares one counter, a star counts each value for itself',
    table: `
      limit    S  user=ann model=* cost 10 lifetime -> ruled
      limit    T  tag=team=* cost 12 lifetime       -> ruled
      reserve  r1 10 user=ann model=big    -> reserved
      reserve  r2 10 user=ann model=tiny   -> reserved
      reserve  r3 1  user=ann model=big    -> refused S:held
      reserve  r4 99 user=bob model=big    -> reserved
      reserve  r5 12 tag:team=red          -> reserved
      reserve  r6 12 tag:team=blue         -> reserved
      reserve  r7 1  tag:team=red          -> refused T:held
      reserve  r8 99 tag:other=red         -> reserved
      balance  T  tag:team=red             -> 0 12
    `,
  },
  {
    name: 'subjects compare by bytes',
    table: `
      limit    A  user=* cost 10 lifetime  -> ruled
      reserve  r1 10 user=ann              -> reserved
      reserve  r2 10 user=Ann              -> reserved
      reserve  r3 10 user=änn              -> reserved
      reserve  r4 10 user=añn        -> reserved
      reserve  r5 10 user=*                -> reserved
      reserve  r6 1  user=ann              -> refused A:held
      accounts                             -> 5
    `,
  },
  {
    name: 'a soft limit counts and never refuses',
    table: `
      limit    A  cost 10 lifetime soft    -> ruled
      reserve  r  25                       -> reserved
      balance  A                           -> 0 25  unadmitted=25
      settle   r  30                       -> settled
      balance  A                           -> 30 0  unadmitted=30
      limit    A  cost 20 lifetime         -> ruled id=1
      reserve  s  1                        -> refused A:spent used=30
    `,
  },
  {
    name: 'several accounts move together or not at all, and every refusal is named',
    table: `
      limit    G  cost 100 lifetime            -> ruled
      limit    M  model=big cost 50 lifetime   -> ruled
      limit    U  user=* cost 30 lifetime      -> ruled
      reserve  r1 31 user=ann model=big    -> refused U:spent
      balance  G                           -> 0 0
      balance  M  model=big                -> 0 0
      balance  U  user=ann                 -> 0 0
      accounts                             -> 0
      reserve  r2 30 user=ann model=big    -> reserved
      reserve  r3 25 user=ann model=big    -> refused M:held U:held
      reserve  r4 101 user=ann model=big   -> refused M:spent U:spent G:spent
      balance  G                           -> 0 30
      settle   r2 29                       -> settled
      balance  G                           -> 29 0
      balance  M  model=big                -> 29 0
      balance  U  user=ann                 -> 29 0
    `,
  },
  {
    name: 'reserves of the same moment see each other',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      reserve  r1 60                       -> reserved
      & reserve r2 60                      -> refused A:held used=0 held=60
      & reserve r3 40                      -> reserved
      & settle r1 50                       -> settled
      & reserve r4 11                      -> refused A:held used=50 held=40
      & reserve r5 10                      -> reserved
      balance  A                           -> 50 50
    `,
  },
  {
    name: 'every measure is tested for itself',
    table: `
      limit    I  input_tokens 1000 day    -> ruled
      limit    O  output_tokens 100 day    -> ruled
      limit    R  requests 2 day           -> ruled
      reserve  r1 5 input_tokens=1000 output_tokens=100 requests=1  -> reserved
      reserve  r2 5 input_tokens=1 output_tokens=0 requests=1       -> refused I:held
      settle   r1 5 input_tokens=900 output_tokens=120 requests=1   -> settled
      balance  I                           -> 900 0
      balance  O                           -> 120 0  unadmitted=20
      balance  R                           -> 1 0
      reserve  r3 5 input_tokens=100 requests=1                     -> reserved
      reserve  r4 5 requests=1             -> refused R:held
    `,
  },
  {
    name: 'track is never refused: it posts above the limit, without a hold',
    table: `
      limit    A  user=* cost 10 day       -> ruled
      limit    N  user=* requests 1 day    -> ruled
      limit    C  concurrent_requests 1 none             -> ruled
      record   t1 25 requests=1 concurrent_requests=1 user=ann -> recorded amount=25
      record   t2 5  requests=1 user=ann   -> recorded
      balance  A  user=ann                 -> 30 0   unadmitted=30
      balance  N  user=ann                 -> 2 0    unadmitted=2
      balance  C                           -> 0 0
      reserve  r  1 user=ann               -> refused A:spent used=30
      record   t3 user=bob requests=1      -> recorded amount=0 row=unknown
      balance  A  user=bob                 -> 0 0
      rows                                 -> 3 30   calls=3
    `,
  },
  {
    name: 'a correction moves the accounts of what it corrects, both ways, never below zero',
    table: `
      limit    A  user=* cost 100 lifetime -> ruled
      record   t  60 user=ann              -> recorded
      adjust   A  -20 user=ann             -> adjusted amount=-20 kind=adjustment row=-20
      balance  A  user=ann                 -> 40 0   unadmitted=60
      adjust   A  +5 user=ann              -> adjusted amount=5
      balance  A  user=ann                 -> 45 0   unadmitted=65
      adjust   A  -46 user=ann             -> failed amount_invalid
      balance  A  user=ann                 -> 45 0
      adjust   A  -45 user=ann             -> adjusted
      balance  A  user=ann                 -> 0 0
      rows                                 -> 4 0    calls=1
    `,
  },
  {
    name: 'a negative amount is bad input for everything but a correction',
    table: `
      limit    A  cost 100 lifetime        -> ruled
      reserve  r  50                       -> reserved
      reserve  s  -10                      -> failed amount_invalid
      extend   r  -10                      -> failed amount_invalid
      capture  r  -10                      -> failed amount_invalid
      settle   r  -10                      -> failed amount_invalid
      void     r  -10                      -> failed amount_invalid
      record   t  -10                      -> failed amount_invalid
      balance  A                           -> 0 50
      rows                                 -> 0 0
    `,
  },
  {
    name: "a run's cap: at the cap a call passes, one above does not, whatever model or user it is for",
    table: `
      limit    A  user=* cost 50 day       -> ruled
      reserve  r1 60 user=ann cap=job:100  -> refused A:spent used=0
      reserve  r1 40 user=ann cap=job:100  -> reserved
      reserve  r2 40 user=bob cap=job:100  -> reserved
      reserve  r3 21 cap=job:100           -> refused cap:held used=0 held=80 maximum=100
      reserve  r4 51 user=cat cap=job:100  -> refused cap:held A:spent
      reserve  r5 21 cap=other:100         -> reserved
      settle   r1 30 user=ann              -> settled
      balance  cap:job                     -> 30 40
      extend   r2 31 cap=job:100           -> refused cap:held used=30 held=40
      extend   r2 5 user=bob cap=job:100   -> extended
      capture  r2 20 user=bob model=big    -> captured
      balance  cap:job                     -> 50 25
      settle   r2 60                       -> settled overrun=35
      balance  cap:job                     -> 110 0
      reserve  r6 1 cap=job:100            -> refused cap:spent used=110
      reserve  r7 0 cap=job:100            -> reserved
      balance  cap:other                   -> 0 21
    `,
  },
  {
    name: 'a run inside a run comes under both caps; what is tracked in one is counted and never refused',
    table: `
      reserve  r1 40 cap=inner:50,outer:60 -> reserved
      record   t1 15 cap=outer:60          -> recorded
      balance  cap:inner                   -> 0 40
      balance  cap:outer                   -> 15 40
      reserve  r2 6 cap=inner:50,outer:60  -> refused cap:held used=15 held=40 maximum=60
      reserve  r2 11 cap=inner:50,outer:60 -> refused cap:held cap:held
      void     r1                          -> voided
      balance  cap:outer                   -> 15 0
      record   t2 100 cap=inner:50,outer:60 -> recorded
      balance  cap:outer                   -> 115 0
      reserve  r3 1 cap=new:0              -> refused cap:denied
    `,
  },
];
