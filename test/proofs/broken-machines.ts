/** Ledgers with one rule broken: a wrapper around the machine that decides a batch, on any store. */
import type { WriteRequest, WriteResult } from '../../src/core/request.ts';
import type { Account } from '../../src/ledger/account.ts';
import type { Head, Held, Machine, Plan, Store } from '../../src/store/port.ts';
import { asStore } from '../../src/testing/interleavings-store.ts';
import type { Clock } from '../../src/time/clock.ts';

type Rules = Machine<WriteRequest, WriteResult>;

/** What a broken machine does to what goes in and what comes out. */
interface Break {
  readonly request?: (request: WriteRequest, head: Head) => WriteRequest;
  readonly head?: (head: Head, requests: readonly WriteRequest[]) => Head;
  readonly held?: (held: Held, head: Head) => Held;
  readonly plan?: (plan: Plan<WriteResult>) => Plan<WriteResult>;
  readonly names?: (names: ReturnType<Rules['names']>) => ReturnType<Rules['names']>;
}

/** The same store, whose every batch is decided by a machine with this one thing wrong. */
export function withBreak(store: Store, broken: Break): Store {
  const { request, head: onHead, held: onHeld, plan: onPlan, names: onNames } = broken;
  const wrapped = (machine: Rules): Rules => {
    const headOf = (head: Head, requests: readonly WriteRequest[]) => onHead?.(head, requests) ?? head;
    // The machine knows its requests again by what they are, not by what they say.
    const changes = new Map<WriteRequest, WriteRequest>();
    const changed = (requests: readonly WriteRequest[], head: Head) =>
      requests.map((one) => {
        const known = changes.get(one) ?? request?.(one, head) ?? one;
        changes.set(one, known);
        return known;
      });
    return {
      names: (requests) => {
        const names = machine.names(requests);
        return onNames?.(names) ?? names;
      },
      touches: (requests, found) => {
        const head = headOf(found, requests);
        return machine.touches(changed(requests, head), head);
      },
      decide: (requests, found, held) => {
        const head = headOf(found, requests);
        const plan = machine.decide(changed(requests, head), head, onHeld?.(held, head) ?? held);
        return onPlan?.(plan) ?? plan;
      },
    };
  };
  return asStore(store, {
    transact: <C, R>(commands: readonly C[], machine: Machine<C, R>) =>
      store.transact(commands, wrapped(machine as unknown as Rules) as unknown as Machine<C, R>),
  });
}

/** Posts no more than was held, whatever was spent. */
export function clampAtReserve(store: Store): Store {
  return withBreak(store, {
    request: (request, head) => {
      if (request.kind !== 'settle') return request;
      const held = head.reservations.get(request.id)?.held.cost;
      const { cost } = request.quantities;
      if (held === undefined || cost === undefined || cost <= held) return request;
      return { ...request, quantities: { ...request.quantities, cost: held } };
    },
  });
}

/** Says that a call cost more than was held by throwing, inside the transaction. */
export function throwBeforeCommit(store: Store): Store {
  return withBreak(store, {
    plan: (plan) => {
      const over = plan.results.some((result) => 'overrun' in result && result.overrun > 0n);
      if (over) throw new Error('the reservation was exceeded');
      return plan;
    },
  });
}

/** What was cancelled or never heard of again is booked as nothing. */
export function cancelIsZero(store: Store): Store {
  return withBreak(store, {
    request: (request) => (request.kind === 'void' ? { ...request, keep: {} } : request),
    head: (head) => ({
      ...head,
      reservations: new Map(
        Array.from(head.reservations, ([id, row]) => [id, { ...row, onExpire: 'release' as const }]),
      ),
    }),
  });
}

/** Writes idempotency keys, and never looks one up: nothing makes them unique. */
export function noUniqueKey(store: Store): Store {
  return withBreak(store, { names: (names) => ({ ...names, idempotency: [] }) });
}

/** Answers a known key whatever it is asked for this time. */
export function keyWithoutBody(store: Store): Store {
  return withBreak(store, {
    head: (head, requests) => {
      const asked = new Map(
        requests.flatMap((request) => {
          const key = 'idempotency' in request ? request.idempotency : null;
          return key ? [[key.name, key.fingerprint] as const] : [];
        }),
      );
      const rows = Array.from(head.idempotency, ([name, row]) => {
        return [name, { ...row, fingerprint: asked.get(name) ?? row.fingerprint }] as const;
      });
      return { ...head, idempotency: new Map(rows) };
    },
  });
}

/** Keeps balances as floating-point numbers. */
export function numberMoney(store: Store): Store {
  const rounded = (account: Account): Account => ({
    ...account,
    settled: BigInt(Number(account.settled)),
    reserved: BigInt(Number(account.reserved)),
  });
  return withBreak(store, { plan: (plan) => ({ ...plan, accounts: plan.accounts.map(rounded) }) });
}

/** Takes the time from the machine that it happens to run on, even where that goes back. */
export function applicationClock(store: Store, clock: Clock): Store {
  return withBreak(store, { head: (head) => ({ ...head, now: clock.now() }) });
}

/** Sets what a counter has used to zero when its window has turned. */
export function zeroingReset(store: Store): Store {
  return withBreak(store, {
    held: (held, { now }) => ({
      ...held,
      accounts: new Map(
        Array.from(held.accounts, ([key, account]) => {
          const turned = account.windowEnd !== null && account.windowEnd <= now;
          return [key, turned ? { ...account, settled: 0n } : account] as const;
        }),
      ),
    }),
  });
}

/** Lets anybody renew a hold, also who has lost it to another owner. */
export function renewalWithoutFence(store: Store): Store {
  return withBreak(store, {
    request: (request) => (request.kind === 'extend' ? { ...request, fence: null } : request),
  });
}
