import type { Context } from '../core/context.ts';
import { NanocentError } from '../errors/error.ts';
import { canonicalSubject, type Subject } from '../ledger/account.ts';
import { type AllowanceInput, checkAllowance } from '../limits/allowance.ts';
import { type Limit, type LimitDraft, type SelectorField, selectorFields } from '../limits/limit.ts';
import { type TokensFor, tokensFor } from '../prices/index.ts';
import { allLimitStates, type LimitState, limitStates } from '../reports/limit-states.ts';
import { throwFailure } from './failure.ts';

/** Whose allowance: fields as they were set. */
export type AllowanceOf = Readonly<Partial<Record<SelectorField, string>>>;

/** What is left of an allowance, in tokens of one model. */
export type TokensLeft = TokensFor & { readonly model: string };

/** Daily allowances: money that is there again each day. */
export class Allowances {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /**
   * Sets the allowance of whoever its fields name; there is one for each. A new amount keeps what was used of it today; another
   * rhythm takes the place of the one before. A new one for each day counts what was already used since midnight. Throws
   * limit_invalid naming the field, and permission_denied for one that a file set.
   */
  async set(input: AllowanceInput): Promise<Limit> {
    const draft = this.#check(input);
    for (const known of (await this.list()).filter((one) => isForSame(one, draft))) refuseFromFile(known);
    return this.#set(draft);
  }

  /**
   * Makes a file's allowances those in the list: new ones begin, others get their amount, what the file no longer names ends.
   * What stands in the ledger already is not written again.
   */
  async sync(inputs: readonly AllowanceInput[], file: string): Promise<void> {
    const drafts = inputs.map((input) => this.#check({ ...input, file }));
    const before = await this.list();
    for (const draft of drafts) {
      const known = before.find((one) => isForSame(one, draft) && isSameRhythm(one, draft));
      if (known?.max !== draft.max || known.file !== draft.file) await this.#set(draft);
    }
    const gone = before.filter((one) => one.file === file && !drafts.some((draft) => isForSame(one, draft)));
    for (const limit of gone) await this.#end(limit.id);
  }

  /** Those in force, by id. */
  async list(): Promise<readonly Limit[]> {
    const { limits } = await this.#context.ledger.reads.limits();
    return limits
      .filter((limit) => limit.kind === 'allowance' && limit.endedAt === null)
      .sort((left, right) => left.id - right.id);
  }

  /** Ends one; its history stays. Throws limit_not_found, and permission_denied for one that a file set. */
  async delete(id: number): Promise<Limit> {
    const known = (await this.list()).find((limit) => limit.id === id);
    if (!known) {
      throw new NanocentError('limit_not_found', `there is no allowance ${id}`, {
        fix: 'take the number from nanocent allowances list',
      });
    }
    refuseFromFile(known);
    return this.#end(id);
  }

  /**
   * How much of each is used, held and left now; only of those that are for these fields, where some are given. Of an allowance
   * for each user, a user who has used nothing yet is shown when named.
   */
  async state(of: AllowanceOf = {}): Promise<readonly LimitState[]> {
    const { reads } = this.#context.ledger;
    const now = this.#context.clock.now();
    const counted = (await allLimitStates(reads, now)).filter(({ limit }) => limit.kind === 'allowance');
    const known = counted.filter(({ subject }) => agrees(subject, of));
    const named = await limitStates(reads, await this.list(), of, now);
    const unused = named.filter((one) => !known.some((other) => isSameCounter(one, other)));
    return [...known, ...unused].sort((left, right) => left.limit.id - right.limit.id);
  }

  /** What an amount buys of a model at today's prices; a model without a known price is unknown. */
  async tokensLeft(
    nanocents: bigint,
    of: { readonly model: string; readonly provider?: string | undefined },
  ): Promise<TokensLeft> {
    const { catalog, clock } = this.#context;
    const { model, provider } = of;
    const query = { model, ...(provider === undefined ? {} : { provider }) };
    await catalog.ready(query);
    const match = catalog.find({ ...query, at: clock.now() });
    if (match.outcome === 'found') return { model, ...tokensFor(nanocents, match.price) };
    const named = provider === undefined ? model : `${provider}/${model}`;
    const reason =
      match.outcome === 'unknown'
        ? `no price is known for ${named}`
        : `${model} has different prices at ${match.candidates.join(', ')}`;
    return { model, outcome: 'unknown', reason };
  }

  #check(input: AllowanceInput): LimitDraft {
    const { zone, clock } = this.#context;
    return checkAllowance(input, { zone, now: clock.now() });
  }

  /** The new rhythm first: between the two steps both bound, never none. */
  async #set(limit: LimitDraft): Promise<Limit> {
    // Money that is there once is there from now on: what was spent before is not taken from it.
    const fromNow = limit.window.kind === 'lifetime';
    const result = await this.#context.ledger.write({ kind: 'setLimit', limit, fromNow });
    if (result.outcome !== 'ruled') return throwFailure(result);
    const set = result.limit;
    const others = (await this.list()).filter((one) => one.id < set.id && isForSame(one, set));
    for (const other of others) if (!isSameRhythm(other, set)) await this.#end(other.id);
    return set;
  }

  async #end(id: number): Promise<Limit> {
    const result = await this.#context.ledger.write({ kind: 'endLimit', id });
    if (result.outcome === 'ruled') return result.limit;
    return throwFailure(result);
  }
}

function refuseFromFile(limit: Limit): void {
  if (limit.source !== 'file') return;
  throw new NanocentError('permission_denied', `allowance ${limit.id} comes from ${limit.file ?? 'a file'}`, {
    fix: 'change it in that file; it is read again at the next start',
  });
}

function isForSame(left: Pick<Limit, 'selector'>, right: Pick<Limit, 'selector'>): boolean {
  return selectorFields.every((field) => left.selector[field] === right.selector[field]);
}

/** Whether a counter is for these fields, as far as they are given. */
function agrees(subject: Subject, of: AllowanceOf): boolean {
  return Object.entries(of).every(([field, value]) => subject[field] === value);
}

function isSameCounter(left: LimitState, right: LimitState): boolean {
  const subjects = [left, right].map(({ subject }) => canonicalSubject(subject));
  return left.limit.id === right.limit.id && subjects[0] === subjects[1];
}

/** The same days in the same zone; or both every 24 hours, whenever they began. */
function isSameRhythm({ window: left }: Pick<Limit, 'window'>, { window: right }: Pick<Limit, 'window'>) {
  if (left.kind === 'calendar' && right.kind === 'calendar') return left.zone === right.zone;
  return left.kind === right.kind;
}
