import assert from 'node:assert/strict';
import { expireDue } from '../core/expire-due.ts';
import type { LedgerService } from '../core/ledger.ts';
import type { EntryDraft, Idempotency, WriteRequest, WriteResult } from '../core/request.ts';
import { type AccountName, canonicalSubject, type Subject } from '../ledger/account.ts';
import { decodeLine } from '../ledger/journal.ts';
import { checkPool } from '../limits/grant.ts';
import type { Grant, Limit } from '../limits/limit.ts';
import { accountAt, subjectsOf } from '../limits/pick.ts';
import { capLeg } from '../limits/run-cap.ts';
import { windowAt } from '../time/window.ts';
import { entryDraft } from './drafts.ts';
import type { FakeClock } from './fake-clock.ts';
import { assertLaws } from './laws.ts';
import { seededIds } from './seeded.ts';
import { attributesOfRow, capsOfRow, knownOf, limitOfRow, quantitiesOfRow } from './story-requests.ts';
import { parseDuration, parseTable, parseWhole, type Row } from './table.ts';

/** A small history, told as rows. */
export interface Story {
  readonly name: string;
  /** Its grammar: docs/testing.md. */
  readonly table: string;
}

/** Plays a story's rows on a new ledger and proves the books after it. Throws at the first row that came out otherwise. */
export async function playStory(story: Story, ledger: LedgerService, clock: FakeClock): Promise<void> {
  const stage = new Stage(ledger, clock);
  for (const moment of momentsOf(parseTable(story.table))) await stage.play(moment);
  await assertLaws(ledger.reads);
}

/** Rows that happen at once stand together: they are asked before any of them is answered. */
function momentsOf(rows: readonly Row[]): Row[][] {
  const moments: Row[][] = [];
  for (const row of rows) {
    if (row.together) moments.at(-1)!.push(row);
    else moments.push([row]);
  }
  return moments;
}

interface Seen {
  readonly words: readonly string[];
  readonly fields: Readonly<Record<string, string>>;
}

class Stage {
  readonly #ledger: LedgerService;
  readonly #clock: FakeClock;
  readonly #ids = seededIds('stories');
  /** Names of the story to ids of the ledger, for reservations, rows and limits. */
  readonly #named = new Map<string, string>();
  readonly #limits = new Map<string, number>();
  readonly #grants = new Map<string, Grant>();

  constructor(ledger: LedgerService, clock: FakeClock) {
    this.#ledger = ledger;
    this.#clock = clock;
  }

  async play(rows: readonly Row[]): Promise<void> {
    const seen = await Promise.all(
      rows.map((row) => this.#perform(row).catch((error) => Promise.reject(atRow(row, error)))),
    );
    rows.forEach((row, index) => {
      const found = seen[index];
      if (!row.expected || !found) return;
      const { words, fields } = row.expected;
      const shown = Object.fromEntries([...fields.keys()].map((name) => [name, found.fields[name]]));
      const actual = { words: found.words, fields: shown };
      assert.deepEqual(
        actual,
        { words, fields: Object.fromEntries(fields) },
        `row ${row.number}: ${row.text}`,
      );
    });
  }

  async #perform(row: Row): Promise<Seen | null> {
    switch (row.verb) {
      case 'at':
        return this.#moveClock(row.words[0]!);
      case 'sweep':
        return { words: [String(await expireDue(this.#ledger))], fields: {} };
      case 'balance':
        return this.#balance(row);
      case 'hold':
        return this.#hold(row);
      case 'rows':
        return this.#rows();
      case 'accounts':
        return { words: [String((await this.#ledger.reads.scanAccounts(null, 1000)).length)], fields: {} };
      default:
        return this.#shown(await this.#ledger.write(await this.#requestOf(row)), row);
    }
  }

  #moveClock(to: string): null {
    if (/^[+-]/.test(to)) this.#clock.advance((to[0] === '-' ? -1 : 1) * parseDuration(to.slice(1)));
    else this.#clock.set(to);
    return null;
  }

  async #requestOf(row: Row): Promise<WriteRequest> {
    const [name = ''] = row.words;
    const quantities = quantitiesOfRow(row);
    const attributes = attributesOfRow(row);
    switch (row.verb) {
      case 'limit':
      case 'grant':
      case 'refund':
      case 'end':
      case 'raise':
        return this.#ruleOf(row);
      case 'reserve':
        return {
          kind: 'reserve',
          ...capsOfRow(row),
          id: this.#idOf(name),
          quantities,
          attributes: attributes ?? {},
          ttlMs: parseDuration(row.fields.get('ttl') ?? '10m'),
          onExpire: row.words.includes('release') ? 'release' : 'charge',
          expiry: this.#draft(row, attributes ?? {}, { reservationId: this.#idOf(name) }),
          idempotency: idempotencyOf(row),
        };
      case 'extend':
        return {
          kind: 'extend',
          ...capsOfRow(row),
          id: this.#idOf(name),
          fence: row.fields.has('fence') ? Number.parseInt(row.fields.get('fence')!, 10) : null,
          quantities,
          attributes: attributes ?? {},
          ttlMs: row.fields.has('ttl') ? parseDuration(row.fields.get('ttl')!) : null,
        };
      case 'settle':
      case 'capture': {
        const more = { ...knownOf(quantities), reservationId: this.#idOf(name) };
        const entry = row.words.includes('bare') ? null : this.#draft(row, attributes ?? {}, more);
        return { kind: row.verb, id: this.#idOf(name), quantities, attributes, entry };
      }
      case 'void':
        return { kind: 'void', id: this.#idOf(name), keep: quantities };
      case 'expire':
        return { kind: 'expire', id: this.#idOf(name) };
      case 'record':
        return {
          kind: 'record',
          ...capsOfRow(row),
          quantities,
          attributes: attributes ?? {},
          entry: this.#draft(row, attributes ?? {}, { ...knownOf(quantities), id: this.#idOf(name) }),
          idempotency: idempotencyOf(row),
        };
      case 'adjust':
        return {
          kind: 'adjust',
          quantities,
          entry: this.#draft(row, attributes ?? {}, { ...knownOf(quantities), kind: 'adjustment', calls: 0 }),
          accounts: await Promise.all(
            name.split(',').map((limit) => this.#account(limit, attributes ?? {}, row)),
          ),
          reason: row.fields.get('reason') ?? 'a story',
          idempotency: idempotencyOf(row),
        };
      case 'purge':
        return { kind: 'purge', before: this.#instant(name) };
      default:
        throw new Error(`no such verb: ${row.verb}`);
    }
  }

  /** Limits that begin, change and end. */
  #ruleOf(row: Row): WriteRequest {
    const [name = ''] = row.words;
    const id = this.#limits.get(name) ?? Number.parseInt(name, 10);
    switch (row.verb) {
      case 'limit':
        return limitOfRow(row);
      case 'grant':
        return this.#grantOf(row);
      case 'refund':
        return { kind: 'endGrant', grantId: this.#grants.get(name)?.id ?? Number.parseInt(name, 10) };
      case 'end':
        return { kind: 'endLimit', id };
      default: {
        const until = this.#instant(row.fields.get('until')!);
        const reason = row.fields.get('reason') ?? 'a story';
        return { kind: 'raiseLimit', id, max: quantitiesOfRow(row).cost!, until, reason };
      }
    }
  }

  #draft(row: Row, attributes: Subject, more: Partial<EntryDraft>): EntryDraft {
    const at = row.fields.has('at') ? this.#instant(row.fields.get('at')!) : this.#clock.now();
    return entryDraft(attributes, { id: this.#ids.uuid(), at, salt: this.#ids.salt(), ...more });
  }

  #instant(text: string): number {
    if (/^[+-]/.test(text)) {
      return this.#clock.now() + (text[0] === '-' ? -1 : 1) * parseDuration(text.slice(1));
    }
    return Date.parse(text);
  }

  #idOf(name: string): string {
    let id = this.#named.get(name);
    if (id === undefined) {
      id = this.#ids.uuid();
      this.#named.set(name, id);
    }
    return id;
  }

  #namesOf(id: string): string[] {
    return [...this.#named].flatMap(([name, known]) => (known === id ? [name] : []));
  }

  #shown(result: WriteResult, row: Row): Seen {
    const fields: Record<string, string> = {};
    if ('amount' in result) fields.amount = spelled(String(result.amount));
    if ('overrun' in result) fields.overrun = String(result.overrun);
    if ('reservation' in result && result.reservation) fields.fence = String(result.reservation.fence);
    fields.row = result.entry === null ? 'none' : spelled(String(result.entry.nanocents ?? 'unknown'));
    if (result.entry) {
      const { kind, calls, basis, costSource } = result.entry;
      Object.assign(fields, { kind, calls: String(calls), basis, source: costSource });
    }
    switch (result.outcome) {
      case 'refused': {
        const { used, held, requested, maximum, fitsAt } = result.refusals[0]!;
        for (const [name, value] of Object.entries({ used, held, requested, maximum }))
          fields[name] = String(value);
        fields.fits = fitsAt === null ? 'never' : new Date(fitsAt).toISOString();
        const refusals = result.refusals.map(({ limit, reason }) => `${this.#limitName(limit)}:${reason}`);
        return { words: ['refused', ...refusals], fields };
      }
      case 'failed':
        return { words: ['failed', result.code], fields };
      case 'replayed':
        return { words: ['replayed', ...this.#namesOf(result.id)], fields };
      case 'ruled':
        this.#noteRule(row, result.limit, fields);
        return { words: ['ruled'], fields: { ...fields, id: String(result.limit.id) } };
      default: {
        const again = 'replayed' in result && result.replayed ? ['replayed'] : [];
        return { words: [result.outcome, ...again], fields };
      }
    }
  }

  /** `grant NAME AMOUNT who [priority=N] [expires=instant]` */
  #grantOf(row: Row): WriteRequest {
    const { fields } = row;
    const [[field, value] = []] = Object.entries(attributesOfRow(row) ?? {});
    const expires = fields.get('expires');
    const grant = {
      amount: quantitiesOfRow(row).cost!,
      priority: Number.parseInt(fields.get('priority') ?? '0', 10),
      expiresAt: expires === undefined ? null : this.#instant(expires),
      reference: fields.get('idempotency') ?? null,
    };
    return { kind: 'addGrant', pool: checkPool({ [field!]: value }), grant, idempotency: idempotencyOf(row) };
  }

  #noteRule(row: Row, limit: Limit, fields: Record<string, string>): void {
    const name = row.words[0]!;
    if (row.verb === 'refund') {
      const id = this.#grants.get(name)!.id;
      fields.refunded = String(limit.grants.find((grant) => grant.id === id)!.refunded);
      return;
    }
    this.#limits.set(name, limit.id);
    if (row.verb === 'grant') this.#grants.set(name, limit.grants.at(-1)!);
  }

  #limitName(limit: Limit): string {
    if (limit.scope === 'RUN') return 'cap';
    return [...this.#limits].find(([, id]) => id === limit.id)?.[0] ?? String(limit.id);
  }

  async #account(name: string, attributes: Subject, row: Row): Promise<AccountName> {
    const { limit, subject, at } = await this.#counter(name, attributes, row);
    return accountAt(limit, subject, at);
  }

  async #counter(name: string, attributes: Subject, row: Row) {
    const id = this.#limits.get(name);
    const { limits } = await this.#ledger.reads.limits();
    const limit = limits.find((one) => one.id === id);
    if (!limit) throw new Error(`there is no limit ${name} in this story`);
    const at = row.fields.has('of') ? this.#instant(row.fields.get('of')!) : this.#clock.now();
    if (this.#grants.has(name)) return { limit, subject: limit.selector as Subject, at };
    const [subject] = subjectsOf(limit, attributes);
    if (!subject) throw new Error(`limit ${name} does not cover the row's attributes`);
    return { limit, subject, at };
  }

  /** `balance LIMIT [who] [of=instant] -> SETTLED RESERVED [unadmitted=N]` */
  async #balance(row: Row): Promise<Seen> {
    if (row.words[0]!.startsWith('cap:')) return this.#capBalance(row.words[0]!.slice('cap:'.length));
    const { limit, subject, at } = await this.#counter(row.words[0]!, attributesOfRow(row) ?? {}, row);
    const grant = this.#grants.get(row.words[0]!);
    // A grant's account begins with it; every other one with its window.
    const start = grant?.createdAt ?? windowAt(limit.window, at).start;
    const rows = (await this.#ledger.reads.scanAccounts(null, 10_000)).filter(
      (account) =>
        account.limitId === limit.id &&
        canonicalSubject(account.subject) === canonicalSubject(subject) &&
        (grant !== undefined || account.windowStart <= at) &&
        (account.windowEnd === null || account.windowEnd > start),
    );
    const own =
      limit.window.kind === 'rolling' ? rows : rows.filter(({ windowStart }) => windowStart === start);
    const keys = new Set(own.map(({ key }) => key));
    let unadmitted = 0n;
    for (const body of await this.#ledger.reads.lines({ chain: 1, position: 0 }, 10_000)) {
      for (const leg of decodeLine(1, body).legs) if (keys.has(leg.key)) unadmitted += leg.unadmitted;
    }
    const settled = own.reduce((sum, account) => sum + account.settled, 0n);
    const reserved = own.reduce((sum, account) => sum + account.reserved, 0n);
    const words = [String(settled), String(reserved)];
    return { words: words.map(spelled), fields: { unadmitted: spelled(String(unadmitted)) } };
  }

  async #capBalance(run: string): Promise<Seen> {
    const [account] = await this.#ledger.reads.accounts([capLeg({ id: run, max: 0n }).account.key]);
    return { words: [String(account?.settled ?? 0n), String(account?.reserved ?? 0n)], fields: {} };
  }

  /** `hold NAME -> STATE HELD POSTED` */
  async #hold(row: Row): Promise<Seen> {
    const reservation = await this.#ledger.reads.reservation(this.#idOf(row.words[0]!));
    if (!reservation) return { words: ['absent'], fields: {} };
    const { state, held, posted, admitted, fence } = reservation;
    const words = [state, String(held.cost ?? 0n), String(posted.cost ?? 0n)];
    return {
      words: words.map(spelled),
      fields: { admitted: String(admitted.cost ?? 0n), fence: String(fence) },
    };
  }

  /** `rows -> COUNT SUM`, and `calls=` counted. */
  async #rows(): Promise<Seen> {
    const { entries } = await this.#ledger.reads.entries({ filter: {}, from: null, to: null, limit: 1000 });
    let sum = 0n;
    for (const entry of entries) sum += entry.nanocents ?? 0n;
    const calls = entries.filter((entry) => entry.calls === 1).length;
    return { words: [String(entries.length), spelled(String(sum))], fields: { calls: String(calls) } };
  }
}

/** The edges of numbers read better as powers. */
function spelled(digits: string): string {
  const edges = ['2^53-1', '2^53', '2^53+1', '2^63-2', '2^63-1', '2^63'];
  return edges.find((edge) => String(parseWhole(edge)) === digits) ?? digits;
}

/** `idempotency=K`; the body's fingerprint is `body`, or the row's own words. */
function idempotencyOf(row: Row): Idempotency | null {
  const key = row.fields.get('idempotency');
  if (key === undefined) return null;
  const hex = (text: string) => Buffer.from(text).toString('hex').padEnd(64, '0').slice(0, 64);
  return { name: hex(key), fingerprint: hex(row.fields.get('body') ?? 'the same body') };
}

function atRow(row: Row, cause: unknown): Error {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new Error(`row ${row.number}: ${row.text}\n${message}`, { cause });
}
