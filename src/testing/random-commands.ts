import type { Ids } from '../core/context.ts';
import type { LimitDraft, WriteRequest } from '../core/request.ts';
import type { Quantities, Subject } from '../ledger/account.ts';
import { accountAt } from '../limits/counter.ts';
import type { LimitScope } from '../limits/limit.ts';
import type { WindowRule } from '../time/window.ts';
import { entryDraft } from './drafts.ts';
import type { ReferenceLedger } from './reference-ledger.ts';
import type { Random } from './seeded.ts';

/** What happens next: the clock moves, then some are asked at once. */
export interface Moment {
  readonly advanceMs: number;
  readonly requests: readonly WriteRequest[];
}

const edges = [2n ** 53n - 1n, 2n ** 53n + 1n, 2n ** 63n - 1n];
const keys = ['a', 'b', 'c'];

/** Makes moments that fit what the reference knows: known holds, keys used before, deadlines and windows about to turn. */
export class RandomCommands {
  readonly #random: Random;
  readonly #ids: Ids;

  constructor(random: Random, ids: Ids) {
    this.#random = random;
    this.#ids = ids;
  }

  next(reference: ReferenceLedger, now: number): Moment {
    const random = this.#random;
    const advanceMs = random.onceIn(3)
      ? random.pick([1, 999, 60_000, 600_000, 3_599_999, 3_600_000, 86_400_000, -5000, 90 * 86_400_000])
      : 0;
    const at = now + advanceMs;
    if (random.onceIn(7)) return { advanceMs, requests: [this.#limitChange(reference, at)] };
    if (random.onceIn(12)) return { advanceMs, requests: [this.#prune(reference, at)] };
    const count = random.pick([1, 1, 1, 2, 3, 5]);
    const requests = Array.from({ length: count }, () => this.#request(reference, at));
    // A hold that is made at this moment may be ended at this moment.
    const made = requests.find((request) => request.kind === 'reserve');
    if (made && random.onceIn(4)) requests.push(this.#ending(made.id, at));
    return { advanceMs, requests };
  }

  #request(reference: ReferenceLedger, at: number): WriteRequest {
    const roll = this.#random.below(100);
    if (roll < 38) return this.#reserve(reference, at);
    if (roll < 53) return this.#record(at);
    const known = reference.holds.at(-1 - this.#random.below(6)) ?? reference.holds.at(-1);
    const id = known?.id ?? this.#ids.uuid();
    return roll < 62 ? this.#extend(id, known?.fence ?? 1) : this.#ending(id, at);
  }

  #limitChange(reference: ReferenceLedger, at: number): WriteRequest {
    const random = this.#random;
    if (random.onceIn(5) && reference.limits.length > 0) {
      const until = at + random.pick([0, 1, 60_000, 3_600_000]);
      const max = BigInt(random.below(90) - 1);
      return {
        kind: 'raiseLimit',
        id: 1 + random.below(reference.limits.length),
        max,
        until,
        reason: 'more',
      };
    }
    if (random.onceIn(4)) return this.#grantChange(at);
    const ended = random.onceIn(4) && reference.limits.length > 0;
    if (ended) return { kind: 'endLimit', id: 1 + random.below(reference.limits.length + 1) };
    const selector = random.pick<Record<string, string>>([
      {},
      { username: '*' },
      { username: 'ann' },
      { model: 'big' },
      { username: 'ann', model: '*' },
      { username: '*', model: 'big' },
    ]);
    const type = random.pick(['cost', 'cost', 'cost', 'requests', 'concurrent_requests'] as const);
    const scope: LimitScope = selector.username ? 'USER' : selector.model ? 'MODEL' : 'GLOBAL';
    const window: WindowRule =
      type === 'concurrent_requests'
        ? { kind: 'none' }
        : random.pick<WindowRule>([
            { kind: 'lifetime' },
            { kind: 'calendar', unit: 'day', count: 1, zone: 'UTC' },
            { kind: 'calendar', unit: 'hour', count: 2, zone: 'UTC' },
            { kind: 'rolling', unit: 'hour', count: random.pick([1, 2]) },
            { kind: 'rolling', unit: 'day', count: 1 },
          ]);
    const small = BigInt(random.below(type === 'cost' ? 60 : 5));
    const limit: LimitDraft = {
      kind: 'limit',
      scope,
      type,
      max: random.onceIn(12) && scope !== 'GLOBAL' ? -1n : random.onceIn(12) ? 2n ** 63n - 1n : small,
      window,
      selector,
      enforcement: random.onceIn(8) ? 'soft' : 'hard',
      thresholds: [],
      source: 'command',
      file: null,
    };
    return { kind: 'setLimit', limit, fromNow: random.onceIn(6) };
  }

  /** Accounts with something in them, whether they are over or not, and some with nothing. */
  #prune(reference: ReferenceLedger, at: number): WriteRequest {
    const names = [...reference.movements.sums().keys()].map((name) => name.split('|'));
    const accounts = names.flatMap(([id, who, start]) => {
      const limit = reference.limits[Number(id) - 1]!;
      const subject = Object.fromEntries(who ? who.split('&').map((pair) => pair.split('=')) : []);
      const instant = this.#random.onceIn(9) ? at : Number(start);
      return [accountAt(limit, subject, instant)];
    });
    const byKey = new Map(accounts.map((account) => [account.key, account]));
    return { kind: 'prune', accounts: [...byKey.values()] };
  }

  #grantChange(at: number): WriteRequest {
    const random = this.#random;
    if (random.onceIn(4)) return { kind: 'endGrant', grantId: 1 + random.below(8) };
    const priority = random.pick([0, 0, 0, -1, 1]);
    const expiresAt = random.pick([null, null, at, at + 1, at + 60_000, at + 3_600_000]);
    const amount = random.onceIn(20) ? random.pick(edges) : BigInt(1 + random.below(40));
    const pool = { scope: 'USER', selector: { username: random.pick(['ann', 'ann', 'bob']) } } as const;
    const grant = { amount, priority, expiresAt, reference: null };
    return { kind: 'addGrant', pool, grant, idempotency: this.#idempotency() };
  }

  #reserve(reference: ReferenceLedger, at: number): WriteRequest {
    const random = this.#random;
    const known = random.onceIn(15) ? reference.holds.at(-1) : undefined;
    const attributes = this.#attributes();
    const id = known?.id ?? this.#ids.uuid();
    const expiry = { ...this.#draft(attributes, at, null), reservationId: id };
    return {
      kind: 'reserve',
      id,
      quantities: { ...this.#quantities(), concurrent_requests: 1n },
      attributes,
      ttlMs: random.pick([1000, 60_000, 600_000, 600_000, 86_400_000]),
      onExpire: random.pick(['charge', 'charge', 'release']),
      expiry,
      idempotency: this.#idempotency(),
    };
  }

  #record(at: number): WriteRequest {
    const attributes = this.#attributes();
    const quantities = this.#quantities();
    const earlier = this.#random.pick([0, 0, 0, 1, 3_540_001, 3_600_000, 86_400_000, 172_800_000]);
    const entry = this.#draft(attributes, at - earlier, quantities.cost ?? null);
    return { kind: 'record', quantities, attributes, entry, idempotency: this.#idempotency() };
  }

  #extend(id: string, fence: number): WriteRequest {
    const random = this.#random;
    return {
      kind: 'extend',
      id,
      fence: random.pick([null, fence, fence, fence + 1]),
      quantities: random.onceIn(3) ? {} : { cost: this.#amount() },
      attributes: this.#attributes(),
      ttlMs: random.pick([null, 1000, 600_000]),
    };
  }

  #ending(id: string, at: number): WriteRequest {
    const random = this.#random;
    const roll = random.below(10);
    if (roll < 2) return { kind: 'expire', id };
    if (roll < 3) return { kind: 'void', id, keep: random.pick([{}, { requests: 1n }]) };
    const kind = roll < 6 ? 'capture' : 'settle';
    const attributes = random.onceIn(4) ? this.#attributes() : null;
    const bare = random.onceIn(3);
    const quantities = bare ? { cost: this.#amount() } : this.#quantities();
    const entry = bare ? null : this.#draft(attributes ?? {}, at, quantities.cost ?? null);
    return { kind, id, quantities, attributes, entry };
  }

  #attributes(): Subject {
    const model = this.#random.pick(['big', 'tiny']);
    return this.#random.onceIn(5) ? { model } : { model, username: this.#random.pick(['ann', 'bob']) };
  }

  #quantities(): Quantities {
    const cost = this.#random.onceIn(12) ? {} : { cost: this.#amount() };
    return { ...cost, requests: 1n };
  }

  #amount(): bigint {
    const random = this.#random;
    if (random.onceIn(40)) return random.pick(edges);
    return BigInt(random.onceIn(60) ? -1 : random.below(30));
  }

  #idempotency() {
    const random = this.#random;
    if (!random.onceIn(4)) return null;
    const name = random.pick(keys).repeat(64);
    return { name, fingerprint: random.onceIn(4) ? 'two' : 'one' };
  }

  #draft(attributes: Subject, at: number, nanocents: bigint | null) {
    return entryDraft(attributes, { id: this.#ids.uuid(), at, salt: this.#ids.salt(), nanocents });
  }
}
