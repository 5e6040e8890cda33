import type { EntryDraft, WriteRequest } from '../core/request.ts';
import type { Quantities, Subject } from '../ledger/account.ts';
import type { ReservationState } from '../ledger/reservation.ts';
import type { Limit } from '../limits/limit.ts';
import {
  type Answer,
  covers,
  differencesOf,
  type Ending,
  hasMoved,
  leftOf,
  Movements,
  most,
  namesOf,
  nothing,
  outOfRange,
  overrunOf,
  type ReferenceHold,
  Rows,
  reasonOf,
  replayOf,
  shareOf,
  spelled,
} from './reference-hold.ts';
import {
  type Counter,
  counterOf,
  countersOf,
  endOrRaise,
  hasPassed,
  isSame,
  maximumOf,
  plus,
  rollingOf,
} from './reference-limits.ts';
import { ReferencePools } from './reference-pools.ts';

/**
 * The rules of the ledger once more, as plainly as they can be said: every balance is the sum of a list of movements,
 * looked up anew each time; no accounts, no journal, no plan. It knows cost, requests and concurrent requests over
 * users and models, in UTC blocks.
 */
export class ReferenceLedger {
  readonly limits: Limit[] = [];
  readonly holds: ReferenceHold[] = [];
  readonly rows = new Rows();
  readonly movements = new Movements();
  readonly #pools = new ReferencePools(this.movements);
  #keys: { name: string; body: string; id: string }[] = [];
  #now = 0;

  /** Everything asked at one moment. Those that share a key with an earlier one of the moment wait for its end. */
  ask(requests: readonly WriteRequest[], clock: number): Answer[] {
    const answers = new Map<WriteRequest, Answer>();
    let waiting = [...requests];
    while (waiting.length > 0) {
      const known = this.#keys;
      const forgotten: string[] = [];
      const taken = new Set<string>();
      const later: WriteRequest[] = [];
      for (const request of waiting) {
        const key = 'idempotency' in request ? request.idempotency : null;
        const used = key && known.find(({ name }) => name === key.name);
        if (used) answers.set(request, replayOf(used, key));
        else if (key && taken.has(key.name)) later.push(request);
        else {
          if (key) taken.add(key.name);
          answers.set(request, this.#decide(request, Math.max(clock, this.#now), forgotten));
        }
      }
      this.#keys = this.#keys.filter(({ name }) => !forgotten.includes(name));
      waiting = later;
    }
    return requests.map((request) => answers.get(request)!);
  }

  hold(id: string): ReferenceHold | undefined {
    return this.holds.find((hold) => hold.id === id);
  }

  #decide(request: WriteRequest, now: number, forgotten: string[]): Answer {
    const { grantId, ...answer } = this.#answer(request, now);
    const moved = hasMoved(answer);
    if (moved) this.#now = now;
    const key = 'idempotency' in request ? request.idempotency : null;
    if (moved && key) {
      const own = request.kind === 'reserve' ? request.id : (request as { entry?: EntryDraft }).entry?.id;
      const id = own ?? String(grantId);
      this.#keys = [...this.#keys, { name: key.name, body: key.fingerprint, id }];
    }
    if (moved && request.kind === 'void') {
      const own = this.hold(request.id)!.key;
      if (own) forgotten.push(own);
    }
    return answer;
  }

  #answer(request: WriteRequest, now: number): Answer {
    switch (request.kind) {
      case 'reserve':
        return this.#reserve(request, now);
      case 'record':
        return this.#record(request, now);
      case 'setLimit':
        return this.#setLimit(request, now);
      case 'endLimit':
      case 'raiseLimit': {
        const code = endOrRaise(this.limits, request, now);
        return code ? { outcome: 'failed', code } : { outcome: 'ruled' };
      }
      case 'addGrant':
        return this.#pools.add(this.limits, request, now);
      case 'endGrant':
        return this.#pools.end(this.limits, request, now);
      case 'adjust':
      case 'purge':
        throw new Error(`the reference knows no ${request.kind}`);
      case 'prune':
        return this.movements.prune(request.accounts, this.limits, now);
      case 'expire': {
        const hold = this.hold(request.id);
        if (hold?.state !== 'open' || now < hold.expiresAt) return { outcome: 'kept' };
        const charge = hold.onExpire === 'charge';
        const given = charge ? {} : nothing(hold.held);
        const { amount } = this.#post(hold, given, { attributes: null, end: 'expired', now: null });
        if (!charge) return { outcome: 'expired', amount: amount! };
        const known = hold.admitted.cost !== undefined;
        return {
          outcome: 'expired',
          amount: amount!,
          row: this.rows.book(hold.draft, known ? amount! : null, 1),
        };
      }
      default: {
        const hold = this.hold(request.id);
        if (!hold) return { outcome: 'failed', code: 'reservation_not_found' };
        if (request.kind === 'extend') return this.#extend(hold, request, now);
        if (request.kind === 'void') return this.#void(hold, request.keep);
        return request.kind === 'capture'
          ? this.#capture(hold, request, now)
          : this.#settle(hold, request, now);
      }
    }
  }

  #reserve(request: Extract<WriteRequest, { kind: 'reserve' }>, now: number): Answer {
    if (this.hold(request.id)) return { outcome: 'reserved', replayed: true };
    const { quantities, attributes, onExpire, idempotency } = request;
    const wrong = this.#admit(quantities, quantities, attributes, now);
    if (wrong) return wrong;
    const hold: ReferenceHold = {
      id: request.id,
      attributes,
      onExpire,
      key: idempotency?.name ?? null,
      draft: request.expiry,
      createdAt: now,
      state: 'open',
      admitted: quantities,
      held: quantities,
      posted: {},
      atEnd: {},
      settledWith: null,
      parts: [],
      expiresAt: now + request.ttlMs,
      fence: 1,
    };
    this.holds.push(hold);
    this.#take(hold, quantities, countersOf(this.limits, attributes, now), now);
    return { outcome: 'reserved', replayed: false };
  }

  #extend(hold: ReferenceHold, request: Extract<WriteRequest, { kind: 'extend' }>, now: number): Answer {
    if (hold.state !== 'open') return { outcome: 'failed', code: 'reservation_ended' };
    if (request.fence !== null && request.fence !== hold.fence) {
      return { outcome: 'failed', code: 'reservation_not_owned' };
    }
    const { quantities, attributes, ttlMs } = request;
    const more = Object.values(quantities).some((quantity) => quantity !== 0n);
    const admitted = plus(hold.admitted, quantities);
    const wrong = this.#admit(quantities, admitted, more ? attributes : null, now);
    if (wrong) return wrong;
    hold.admitted = admitted;
    hold.held = plus(hold.held, quantities);
    if (more) this.#take(hold, quantities, countersOf(this.limits, attributes, now), now);
    if (ttlMs !== null && now + ttlMs > hold.expiresAt) hold.expiresAt = now + ttlMs;
    hold.fence += 1;
    return { outcome: 'extended', replayed: false };
  }

  /** Null when every counter has room; attributes are null where nothing is asked of any. */
  #admit(quantities: Quantities, whole: Quantities, attributes: Subject | null, now: number): Answer | null {
    const wrong = outOfRange(quantities) ?? outOfRange(whole);
    if (wrong || attributes === null) return wrong;
    const counters = countersOf(this.limits, attributes, now);
    const refusals: string[] = [];
    let overflows = false;
    for (const counter of counters) {
      const asked = quantities[counter.limit.type] ?? 0n;
      if (counter.limit.kind === 'grants') {
        const refusal = this.#pools.refusal(counter.limit, asked, now);
        if (refusal) refusals.push(`${counter.limit.id} ${counter.who} ${refusal}`);
        continue;
      }
      const { settled, reserved } = this.movements.against(counter, now);
      const maximum = maximumOf(counter, counters, now);
      const reason = reasonOf(maximum, settled, reserved, asked);
      if (reason) {
        refusals.push(`${counter.limit.id} ${counter.who} ${settled} ${reserved} ${asked} ${reason}`);
      } else {
        if (this.movements.full(namesOf(counter)) + asked > most) overflows = true;
      }
    }
    if (overflows) return { outcome: 'failed', code: 'amount_overflow' };
    return refusals.length > 0 ? { outcome: 'refused', refusals } : null;
  }

  #take(hold: ReferenceHold, quantities: Quantities, counters: readonly Counter[], now: number): void {
    for (const counter of counters) {
      const quantity = quantities[counter.limit.type] ?? 0n;
      const pooled = counter.limit.kind === 'grants' && this.#pools.taken(counter.limit, quantity, now, now);
      const given = pooled || [{ account: undefined, quantity }];
      for (const part of given) this.#hold(hold, counter, part.quantity, part.account);
    }
  }

  #hold(hold: ReferenceHold, counter: Counter, quantity: bigint, grant?: string): void {
    const { account, holder } = grant ? { account: grant, holder: grant } : namesOf(counter);
    this.movements.push({ account: holder, settled: 0n, reserved: quantity });
    const known = hold.parts.find((part) => part.account === account);
    if (known) known.held += quantity;
    else {
      const { limit, who } = counter;
      const slot = limit.type === 'concurrent_requests';
      const name = `${limit.id}|${who}`;
      const names = { account, holder, counter: name, who, measure: limit.type };
      hold.parts.push({ ...names, slot, held: quantity, atEnd: 0n });
    }
  }

  #void(hold: ReferenceHold, keep: Quantities): Answer {
    if (hold.state === 'voided') return { outcome: 'voided', replayed: true };
    if (hold.state !== 'open') return { outcome: 'failed', code: 'reservation_ended' };
    const given = { ...nothing(hold.held), ...keep };
    const posted = this.#post(hold, given, { attributes: null, end: 'voided', now: null });
    return posted.outcome === 'failed' ? posted : { outcome: 'voided', replayed: false };
  }

  #capture(hold: ReferenceHold, request: Ending, now: number): Answer {
    if (hold.state !== 'open') return { outcome: 'failed', code: 'reservation_ended' };
    const { quantities, attributes } = request;
    const answer = this.#post(hold, quantities, { attributes, end: null, now });
    if (answer.outcome === 'failed') return answer;
    return { ...answer, outcome: 'captured', row: this.rows.bookGiven(hold, request, answer.amount!, false) };
  }

  #settle(hold: ReferenceHold, request: Ending, now: number): Answer {
    const { quantities, attributes } = request;
    if (hold.state === 'settled' || hold.state === 'settled_late') {
      if (spelled(hold.settledWith!) !== spelled(quantities)) {
        return { outcome: 'failed', code: 'reservation_already_settled' };
      }
      return { outcome: hold.state, amount: hold.atEnd.cost ?? 0n, overrun: overrunOf(hold), replayed: true };
    }
    if (hold.state !== 'open') return this.#settleLate(hold, request, now);
    const answer = this.#post(hold, quantities, { attributes, end: 'settled', now });
    if (answer.outcome === 'failed') return answer;
    hold.settledWith = quantities;
    return { ...answer, outcome: 'settled', row: this.rows.bookGiven(hold, request, answer.amount!, true) };
  }

  /**
   * Moves money from held to settled, counter by counter; the first window of a counter is used up first. `now` is when grants
   * take what was not held.
   */
  #post(
    hold: ReferenceHold,
    given: Quantities,
    how: { attributes: Subject | null; end: ReservationState | null; now: number | null },
  ): Answer {
    const { attributes, end, now } = how;
    const wanted: Record<string, bigint> = {};
    for (const [measure, quantity] of Object.entries(end ? { ...hold.held, ...given } : given)) {
      wanted[measure] = hold.parts.some((part) => part.measure === measure && part.slot) ? 0n : quantity;
    }
    const posted = plus(hold.posted, wanted);
    const wrong = outOfRange(given) ?? outOfRange(posted);
    if (wrong) return wrong;
    const shares = hold.parts.map((part) => {
      const quantity = given[part.measure];
      if (part.slot || !covers(attributes, part.who)) return 0n;
      if (quantity === undefined) return end ? part.held : 0n;
      return shareOf(hold.parts, part, quantity, (one) => one.held);
    });
    const parts = [...hold.parts];
    if (now !== null) this.#pools.spill(this.limits, { parts, shares }, ({ held }) => held, now);
    const freed = parts.map(({ held }, index) => (end || shares[index]! > held ? held : shares[index]!));
    for (const [index, part] of parts.entries()) {
      const [share, back] = [shares[index]!, freed[index]!];
      if (share > part.held && this.movements.full(part) + share - back > most) {
        return { outcome: 'failed', code: 'amount_overflow' };
      }
    }
    hold.parts = parts;
    for (const [index, part] of parts.entries()) {
      this.movements.push({ account: part.account, settled: shares[index]!, reserved: 0n });
      this.movements.push({ account: part.holder, settled: 0n, reserved: -freed[index]! });
      part.held -= freed[index]!;
      part.atEnd = end ? shares[index]! : 0n;
    }
    hold.held = end ? nothing(hold.held) : leftOf(hold.held, wanted);
    hold.posted = posted;
    hold.atEnd = end ? wanted : {};
    if (end) hold.state = end;
    return { outcome: 'posted', amount: wanted.cost ?? 0n, overrun: overrunOf(hold), replayed: false };
  }

  #settleLate(hold: ReferenceHold, request: Ending, now: number): Answer {
    const { quantities, attributes, entry } = request;
    const differences = differencesOf(hold, quantities);
    const posted = plus(hold.posted, differences);
    const wrong = outOfRange(quantities) ?? outOfRange(posted);
    if (wrong) return wrong;
    const targets = hold.parts.map((part) => {
      const quantity = quantities[part.measure];
      if (part.slot || quantity === undefined) return part.atEnd;
      return covers(attributes, part.who) ? shareOf(hold.parts, part, quantity, (one) => one.atEnd) : 0n;
    });
    const parts = [...hold.parts];
    this.#pools.spill(this.limits, { parts, shares: targets }, ({ atEnd }) => atEnd, now);
    const moves = parts.map((part, index) => this.movements.leftOf(part, targets[index]!, this.limits, now));
    for (const [index, part] of parts.entries()) {
      const { settled } = this.movements.sum(part.account);
      const full = this.movements.full(part) + moves[index]!;
      if (full > most) return { outcome: 'failed', code: 'amount_overflow' };
      if (settled + moves[index]! < 0n) return { outcome: 'failed', code: 'amount_invalid' };
    }
    hold.parts = parts;
    for (const [index, part] of parts.entries()) {
      this.movements.push({ account: part.account, settled: moves[index]!, reserved: 0n });
      part.atEnd = targets[index]!;
    }
    const counted = hold.state === 'expired' && hold.onExpire === 'charge';
    hold.state = 'settled_late';
    hold.posted = posted;
    hold.atEnd = plus(hold.atEnd, differences);
    hold.settledWith = quantities;
    const amount = differences.cost ?? 0n;
    const known = entry === null || entry.nanocents !== null;
    const row = this.rows.book(entry ?? hold.draft, known ? amount : null, counted ? 0 : 1);
    return { outcome: 'settled_late', amount, overrun: overrunOf(hold), replayed: false, row };
  }

  #record({ quantities, attributes, entry }: Extract<WriteRequest, { kind: 'record' }>, now: number): Answer {
    const wrong = outOfRange(quantities);
    if (wrong) return wrong;
    const counted = countersOf(this.limits, attributes, entry.at).filter(
      ({ limit, windowStart }) => limit.type !== 'concurrent_requests' && !hasPassed(limit, windowStart, now),
    );
    const posted = counted.flatMap((counter) => this.#pools.posted(counter, quantities, entry.at, now));
    if (posted.some((one) => this.movements.full(one) + one.quantity > most)) {
      return { outcome: 'failed', code: 'amount_overflow' };
    }
    for (const { account, quantity } of posted) {
      this.movements.push({ account, settled: quantity, reserved: 0n });
    }
    return {
      outcome: 'recorded',
      amount: quantities.cost ?? 0n,
      row: this.rows.book(entry, entry.nanocents, 1),
    };
  }

  #setLimit({ limit: draft, fromNow }: Extract<WriteRequest, { kind: 'setLimit' }>, now: number): Answer {
    const index = this.limits.findIndex((limit) => isSame(limit, draft));
    if (index >= 0) {
      this.limits[index] = { ...this.limits[index]!, ...draft };
      return { outcome: 'ruled' };
    }
    const fresh = { raises: [], grants: [], createdAt: now, endedAt: null };
    const limit: Limit = { ...draft, ...fresh, id: this.limits.length + 1 };
    const opening = fromNow ? [] : this.rows.openingOf(limit, now);
    const open = fromNow ? [] : this.holds.filter(({ state }) => state === 'open');
    const held = open.flatMap((hold) => {
      const counter = counterOf(limit, hold.attributes, rollingOf(limit) ? hold.createdAt : now);
      return counter ? [{ hold, counter, quantity: hold.held[limit.type] ?? 0n }] : [];
    });
    const totals = new Map(opening.map(({ account, settled }) => [account, settled]));
    for (const { counter, quantity } of held) {
      for (const account of new Set(Object.values(namesOf(counter))))
        totals.set(account, (totals.get(account) ?? 0n) + quantity);
    }
    if ([...totals.values()].some((total) => total > most))
      return { outcome: 'failed', code: 'amount_overflow' };
    this.limits.push(limit);
    this.movements.push(...opening);
    for (const { hold, counter, quantity } of held) this.#hold(hold, counter, quantity);
    return { outcome: 'ruled' };
  }
}
