import { attributionText } from '../core/attribution.ts';
import type { Context } from '../core/context.ts';
import { NanocentError } from '../errors/error.ts';
import type { DirectoryKind, DirectoryRow } from '../store/directory.ts';

/** A project that calls may be made for. */
export interface ProjectEntry {
  readonly name: string;
  /** Epoch milliseconds, as all of them. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A user who may make calls, or no longer may. */
export interface UserEntry extends ProjectEntry {
  /** The organisational unit. */
  readonly ouName: string | null;
  readonly email: string | null;
  /** False: every call in this name is refused. */
  readonly enabled: boolean;
  readonly lastEnabledAt: number;
  readonly lastDisabledAt: number | null;
}

/** What is known of a user beside the name; null takes it away. */
export interface UserDetails {
  readonly ouName?: string | null | undefined;
  readonly email?: string | null | undefined;
}

/** A part of a list, by the bytes of the names. */
export interface DirectoryPage {
  /** Names after this one. */
  readonly after?: string | undefined;
  /** 1 to 1,000; 1,000 when left out. */
  readonly limit?: number | undefined;
}

const pageRowsMax = 1_000;
/** A row that others keep changing is read again this often. */
const triesMax = 16;

type Change = Partial<Pick<DirectoryRow, 'name' | 'unit' | 'email' | 'enabled' | 'enabledAt' | 'disabledAt'>>;

const notFound = { project: 'project_not_found', user: 'user_not_found' } as const;

/** Rows of one kind, changed without losing what somebody else changes at the same moment. */
class Names {
  readonly #context: Pick<Context, 'ledger' | 'clock' | 'directory'>;
  readonly #kind: DirectoryKind;

  constructor(context: Context, kind: DirectoryKind) {
    this.#context = context;
    this.#kind = kind;
  }

  async add(given: string, details: Pick<DirectoryRow, 'unit' | 'email'>): Promise<DirectoryRow> {
    const name = nameOf(given);
    const now = this.#context.clock.now();
    const times = { createdAt: now, updatedAt: now, enabledAt: now, disabledAt: null };
    const row: DirectoryRow = { kind: this.#kind, name, ...details, enabled: true, ...times, version: 1 };
    const outcome = await this.#context.ledger.reads.addDirectoryRow(row);
    this.#context.directory?.forget(this.#kind, name);
    if (outcome !== 'written') throw this.#taken(name);
    return row;
  }

  list({ after, limit = pageRowsMax }: DirectoryPage): Promise<readonly DirectoryRow[]> {
    if (!Number.isInteger(limit) || limit < 1 || limit > pageRowsMax) {
      throw new NanocentError('field_invalid', `limit is ${limit}, not 1 to ${pageRowsMax}`, {
        field: 'limit',
      });
    }
    return this.#context.ledger.reads.directoryRows(this.#kind, after ?? null, limit);
  }

  async change(name: string, changeOf: (row: DirectoryRow, now: number) => Change): Promise<DirectoryRow> {
    const { reads } = this.#context.ledger;
    for (let tries = 0; tries < triesMax; tries++) {
      const known = await reads.directoryRow(this.#kind, name);
      if (known === null) throw this.#notFound(name);
      const now = this.#context.clock.now();
      const row = { ...known, ...changeOf(known, now), updatedAt: now, version: known.version + 1 };
      const outcome = await reads.replaceDirectoryRow(name, known.version, row);
      for (const one of [name, row.name]) this.#context.directory?.forget(this.#kind, one);
      if (outcome === 'taken') throw this.#taken(row.name);
      if (outcome === 'written') return row;
    }
    throw new NanocentError('store_busy', `${this.#kind} ${JSON.stringify(name)} is changed all the time`);
  }

  async delete(name: string): Promise<void> {
    const isGone = await this.#context.ledger.reads.deleteDirectoryRow(this.#kind, name);
    this.#context.directory?.forget(this.#kind, name);
    if (!isGone) throw this.#notFound(name);
  }

  #taken(name: string): NanocentError {
    const message = `there is a ${this.#kind} ${JSON.stringify(name)} already`;
    return new NanocentError('name_taken', message, { field: 'name', fix: 'choose another name' });
  }

  #notFound(name: string): NanocentError {
    const kind = this.#kind;
    return new NanocentError(notFound[kind], `there is no ${kind} ${JSON.stringify(name)}`, {
      field: 'name',
      fix: `see nanocent ${kind}s list`,
    });
  }
}

/** The projects that people may name (docs/directory.md). Calls keep the names they were booked with. */
export class Projects {
  readonly #names: Names;

  constructor(context: Context) {
    this.#names = new Names(context, 'project');
  }

  /** Throws name_taken, and field_invalid for a name that no call could have. */
  async add(name: string): Promise<ProjectEntry> {
    return projectOf(await this.#names.add(name, { unit: null, email: null }));
  }

  /** By name, at most 1,000 at once. */
  async list(page: DirectoryPage = {}): Promise<readonly ProjectEntry[]> {
    return (await this.#names.list(page)).map(projectOf);
  }

  /** Gives it another name. Throws project_not_found, name_taken, field_invalid. */
  async update(name: string, change: { readonly name: string }): Promise<ProjectEntry> {
    const next = nameOf(change.name);
    return projectOf(await this.#names.change(name, () => ({ name: next })));
  }

  /** Throws project_not_found. */
  delete(name: string): Promise<void> {
    return this.#names.delete(name);
  }
}

/** The users that may make calls, and those that no longer may (docs/directory.md). */
export class Users {
  readonly #names: Names;

  constructor(context: Context) {
    this.#names = new Names(context, 'user');
  }

  /** Throws name_taken, and field_invalid for a name that no call could have. */
  async add(name: string, details: UserDetails = {}): Promise<UserEntry> {
    const { unit = null, email = null } = detailsOf(details);
    return userOf(await this.#names.add(name, { unit, email }));
  }

  /** By name, at most 1,000 at once; deactivated ones too. */
  async list(page: DirectoryPage = {}): Promise<readonly UserEntry[]> {
    return (await this.#names.list(page)).map(userOf);
  }

  /** What is left out stays. Throws user_not_found, name_taken, field_invalid. */
  async update(
    name: string,
    change: UserDetails & { readonly name?: string | undefined },
  ): Promise<UserEntry> {
    const details = detailsOf(change);
    const next = change.name === undefined ? {} : { name: nameOf(change.name) };
    return userOf(await this.#names.change(name, () => ({ ...details, ...next })));
  }

  /** From now on every call in this name is refused: here at once, in every other process within 5 seconds. Throws user_not_found. */
  async deactivate(name: string): Promise<UserEntry> {
    return userOf(
      await this.#names.change(name, ({ enabled }, now) =>
        enabled ? { enabled: false, disabledAt: now } : {},
      ),
    );
  }

  /** Throws user_not_found. */
  async activate(name: string): Promise<UserEntry> {
    return userOf(
      await this.#names.change(name, ({ enabled }, now) =>
        enabled ? {} : { enabled: true, enabledAt: now },
      ),
    );
  }
}

/** As a call would name it. */
function nameOf(given: string): string {
  const name = attributionText(given, 'name');
  if (name !== null) return name;
  throw new NanocentError('field_missing', 'name is missing', { field: 'name' });
}

function detailsOf({ ouName, email }: UserDetails): Pick<Change, 'unit' | 'email'> {
  return {
    ...(ouName === undefined ? {} : { unit: attributionText(ouName, 'ouName') }),
    ...(email === undefined ? {} : { email: attributionText(email, 'email') }),
  };
}

function projectOf({ name, createdAt, updatedAt }: DirectoryRow): ProjectEntry {
  return { name, createdAt, updatedAt };
}

function userOf(row: DirectoryRow): UserEntry {
  const { unit: ouName, email, enabled, enabledAt: lastEnabledAt, disabledAt: lastDisabledAt } = row;
  return { ...projectOf(row), ouName, email, enabled, lastEnabledAt, lastDisabledAt };
}
