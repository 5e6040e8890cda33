import type { AccountName, Bucket, Subject } from '../ledger/account.ts';
import { type BundleRows, decideBundle, digestBytes, type Posting } from '../ledger/bundle.ts';
import type { createPicker } from '../limits/pick.ts';
import { countIn, type EntryColumns, ownTextIn, textIn } from '../store/entry-columns.ts';
import { type Head, type Held, type Machine, noTaskChanges, type Plan } from '../store/port.ts';
import { attributesOf } from './attribution.ts';
import { type BundleRequest, type BundleResult, rowStates } from './bundle-request.ts';
import { accountsOfLeg } from './pools.ts';
import { quantitiesOf } from './quantities.ts';

type Picker = ReturnType<typeof createPicker>;

/** The rules of a bundle, which has its transaction to itself. */
export function createBundleMachine(pick: Picker): Machine<BundleRequest, BundleResult> {
  // Both steps need the same rows and postings; `touches` runs again, and first, when an engine retries.
  let sorted: SortedRows = { states: new Uint8Array(), chosen: [] };
  let postings: readonly Posting[] = [];
  return {
    names: ([bundle]) => ({ idempotency: bundle!.names, reservations: [], changesLimits: false }),
    touches: ([bundle], head) => {
      sorted = sortRows(bundle!, head);
      const touched = touchedBy(bundle!.rows, sorted.chosen, { head, pick });
      postings = touched.postings;
      const { accounts, reads } = touched;
      return { accounts, reads, backfills: [], accountsOfLimits: [], tasks: [] };
    },
    decide: ([bundle], head, held) => decide(bundle!, { ...sorted, postings, head, held }),
  };
}

interface SortedRows {
  readonly states: Uint8Array;
  /** Rows to book, in order. */
  readonly chosen: readonly number[];
}

/** A key that was used before, or earlier in the bundle, moves nothing. */
function sortRows({ names, fingerprints }: BundleRequest, head: Head): SortedRows {
  const states = new Uint8Array(names.length);
  const chosen: number[] = [];
  const own = new Map<string, string>();
  for (const [row, name] of names.entries()) {
    const known = head.idempotency.get(name)?.fingerprint ?? own.get(name);
    if (known === undefined) {
      own.set(name, fingerprints[row]!);
      chosen.push(row);
    } else states[row] = known === fingerprints[row] ? rowStates.known : rowStates.differing;
  }
  return { states, chosen };
}

interface Touched {
  readonly postings: readonly Posting[];
  /** Those of the postings, and the heads of rolling windows that are posted to. */
  readonly accounts: readonly AccountName[];
  readonly reads: readonly AccountName[];
}

/** What the rows add to each account, each in the window of its own instant, as a record of each would. */
function touchedBy(
  rows: EntryColumns,
  chosen: readonly number[],
  { head, pick }: { readonly head: Head; readonly pick: Picker },
): Touched {
  const postings: (Posting & { amount: bigint })[] = [];
  /** The latest of each account or pool. */
  const latest = new Map<string, Posting & { amount: bigint }>();
  const accounts = new Map<string, AccountName>();
  const buckets = new Set<readonly Bucket[]>();
  const subjects = new Map<string, Subject>();
  const isLimited = head.limits.some((limit) => limit.endedAt === null);
  for (const row of isLimited ? chosen : []) {
    const quantities = quantitiesOf(amountsIn(rows, row));
    const legs = pick(head.limits, subjectIn(rows, row, subjects), rows.counts.at[row]!, head.now);
    for (const leg of legs) {
      const { account, parts } = leg;
      for (const own of accountsOfLeg(leg)) accounts.set(own.key, own);
      if (leg.buckets) buckets.add(leg.buckets);
      const amount = leg.role === 'hold' ? 0n : (quantities[account.measure] ?? 0n);
      if (amount === 0n) continue;
      const known = latest.get(account.key);
      // Rows of different times may come under different grants of a pool, which are spent row by row.
      if (known !== undefined && sameParts(known.parts, parts)) {
        known.amount += amount;
        continue;
      }
      const posting = { account, amount, ...(parts && { parts }) };
      latest.set(account.key, posting);
      postings.push(posting);
    }
  }
  return {
    postings,
    accounts: [...accounts.values()],
    reads: [...buckets].flatMap((own) => own.map(({ account }) => account)),
  };
}

function sameParts(left: Posting['parts'], right: Posting['parts']): boolean {
  if (!left || !right || left.length !== right.length) return left === right;
  return left.every(({ account }, index) => account.key === right[index]!.account.key);
}

/** Rows for the same are many: made once each. */
function subjectIn(rows: EntryColumns, row: number, made: Map<string, Subject>): Subject {
  const { shared } = rows;
  const key = subjectColumns.map((name) => shared[name][row]).join(' ');
  const known = made.get(key);
  if (known !== undefined) return known;
  const text = (name: (typeof subjectColumns)[number]) => textIn(rows, name, row);
  const subject = attributesOf({
    model: text('model')!,
    requestedModel: text('requestedModel'),
    provider: text('provider'),
    endpoint: null,
    caller: text('caller'),
    username: text('username'),
    project: text('project'),
    session: text('session'),
    purpose: text('purpose'),
    key: text('key'),
    tags: JSON.parse(text('tags') ?? '{}'),
  });
  made.set(key, subject);
  return subject;
}

const subjectColumns = [
  'model',
  'requestedModel',
  'provider',
  'caller',
  'username',
  'project',
  'session',
  'purpose',
  'key',
  'tags',
] as const;

function amountsIn(rows: EntryColumns, row: number): Parameters<typeof quantitiesOf>[0] {
  return {
    usage: {
      input: countIn(rows, 'input', row),
      cacheRead: countIn(rows, 'cacheRead', row),
      cacheWrite5m: countIn(rows, 'cacheWrite5m', row),
      cacheWrite1h: countIn(rows, 'cacheWrite1h', row),
      cacheWrite: countIn(rows, 'cacheWrite', row),
      output: countIn(rows, 'output', row),
      reasoning: countIn(rows, 'reasoning', row),
      units: {},
    },
    totalTokens: countIn(rows, 'totalTokens', row),
    nanocents: rows.isPriced[row] === 1 ? rows.nanocents[row]! : null,
    calls: rows.counts.calls[row] === 1 ? 1 : 0,
  };
}

interface Setting extends SortedRows {
  readonly postings: readonly Posting[];
  readonly head: Head;
  readonly held: Held;
}

function decide(bundle: BundleRequest, setting: Setting): Plan<BundleResult> {
  const { states, chosen, postings, head, held } = setting;
  if (chosen.length === 0) return nothing({ outcome: 'bundled', states });
  const { rows } = bundle;
  let amount = 0n;
  for (const row of chosen) amount += rows.nanocents[row]!;
  const state = { now: head.now, chain: held.chain, accounts: held.accounts };
  const decision = decideBundle(state, { rows: bookedRows(bundle, chosen), postings, amount });
  if ('outcome' in decision) return nothing(decision);
  const { accounts, position, body, link } = decision;
  return {
    ...nothing({ outcome: 'bundled', states }),
    accounts,
    lines: [{ position, entryId: null, body }],
    link,
    bundle: { rows, chosen, firstLine: position, recordedAt: head.now },
    // In the order of their index: neighbours share a page of it.
    idempotency: sortedByName(chosen, bundle.names).map((row) => ({
      name: bundle.names[row]!,
      fingerprint: bundle.fingerprints[row]!,
      answer: JSON.stringify({ id: ownTextIn(rows, 'id', row) }),
      at: head.now,
    })),
  };
}

function sortedByName(rows: readonly number[], names: readonly string[]): readonly number[] {
  return rows.toSorted((left, right) => (names[left]! < names[right]! ? -1 : 1));
}

function bookedRows({ rows, digests }: BundleRequest, chosen: readonly number[]): BundleRows {
  const instants = chosen.map((row) => rows.counts.at[row]!);
  if (chosen.length === rows.count) return { instants, digests };
  const own = Buffer.alloc(chosen.length * digestBytes);
  for (const [index, row] of chosen.entries()) {
    own.set(digests.subarray(row * digestBytes, (row + 1) * digestBytes), index * digestBytes);
  }
  return { instants, digests: own };
}

function nothing(result: BundleResult): Plan<BundleResult> {
  return {
    results: [result],
    accounts: [],
    reservations: [],
    entries: [],
    lines: [],
    link: null,
    idempotency: [],
    forgets: [],
    limits: [],
    purgeBefore: null,
    tasks: noTaskChanges,
  };
}
