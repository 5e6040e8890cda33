import { NanocentError } from '../errors/error.ts';
import type { Subject } from '../ledger/account.ts';
import type { DirectoryKind, DirectoryRow, DirectoryStore } from '../store/directory.ts';
import type { Clock } from '../time/clock.ts';

/** Which names must be in the directory for a call to be made. A call that names none is no concern of it. */
export interface Enforcement {
  readonly projects: boolean;
  readonly users: boolean;
}

/** A change holds in every process after this long; in the one that made it at once. */
const rememberedMs = 5_000;
/** Names that are remembered; above it all are read again. */
const rememberedNamesMax = 10_000;

interface Remembered {
  readonly readAt: number;
  readonly row: Promise<DirectoryRow | null>;
  /** Once it has been read. */
  objection?: NanocentError | null;
}

/** Projects and users by name, and who is refused for what stands there. */
export class Directory {
  readonly #store: Pick<DirectoryStore, 'directoryRow'>;
  readonly #clock: Clock;
  readonly #enforced: Readonly<Record<DirectoryKind, boolean>>;
  readonly #known = new Map<string, Remembered>();

  constructor(store: Pick<DirectoryStore, 'directoryRow'>, clock: Clock, enforcement: Enforcement) {
    this.#store = store;
    this.#clock = clock;
    this.#enforced = { project: enforcement.projects, user: enforcement.users };
  }

  /**
   * Whether a call for these may be made; null, for the sake of speed, where all that is asked for is remembered and may.
   * Rejects with user_inactive, user_not_listed or project_not_listed.
   */
  admit(attributes: Subject): Promise<void> | null {
    const asked = this.#asked(attributes);
    if (asked.every(({ objection }) => objection === null)) return null;
    return this.objections(attributes).then(([first]) => {
      if (first) throw first;
    });
  }

  /** Everything that stands against such a call. */
  async objections(attributes: Subject): Promise<readonly NanocentError[]> {
    const asked = this.#asked(attributes);
    await Promise.all(asked.map(({ row }) => row));
    return asked.flatMap(({ objection }) => objection ?? []);
  }

  /** Reads it again when it is asked for next: it has been changed. */
  forget(kind: DirectoryKind, name: string): void {
    this.#known.delete(`${kind} ${name}`);
  }

  #asked({ username, project }: Subject): Remembered[] {
    const asked: Remembered[] = [];
    if (username !== undefined) asked.push(this.#lookUp('user', username));
    // A project cannot be inactive: only where it must be listed is there something to look for.
    if (project !== undefined && this.#enforced.project) asked.push(this.#lookUp('project', project));
    return asked;
  }

  #lookUp(kind: DirectoryKind, name: string): Remembered {
    const key = `${kind} ${name}`;
    const now = this.#clock.now();
    const known = this.#known.get(key);
    if (known && now >= known.readAt && now < known.readAt + rememberedMs) return known;
    const row = this.#store.directoryRow(kind, name);
    const read: Remembered = { readAt: now, row };
    if (this.#known.size >= rememberedNamesMax) this.#known.clear();
    this.#known.set(key, read);
    const keep = (found: DirectoryRow | null) => {
      read.objection = objectionTo(kind, name, found, this.#enforced[kind]);
    };
    // Whoever waits for the row hears of the failure; the next one reads again.
    row.then(keep, () => {
      if (this.#known.get(key) === read) this.#known.delete(key);
    });
    return read;
  }
}

const notListed = { project: 'project_not_listed', user: 'user_not_listed' } as const;

function objectionTo(
  kind: DirectoryKind,
  name: string,
  row: DirectoryRow | null,
  isEnforced: boolean,
): NanocentError | null {
  if (row !== null && !row.enabled) {
    return new NanocentError('user_inactive', `user ${JSON.stringify(name)} has been deactivated`, {
      field: 'username',
      fix: 'activate the user again, or name another',
    });
  }
  if (row !== null || !isEnforced) return null;
  const field = kind === 'user' ? 'username' : 'project';
  return new NanocentError(notListed[kind], `${kind} ${JSON.stringify(name)} is not one of the ${kind}s`, {
    field,
    fix: `add it with nanocent ${kind}s add, or correct the name`,
  });
}
