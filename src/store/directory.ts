/** A project or user that somebody entered: what names mean, and whom to refuse. */
export interface DirectoryRow {
  readonly kind: DirectoryKind;
  /** Compared by bytes; unlike that of any other row of its kind. */
  readonly name: string;
  /** Of a user: the organisational unit. */
  readonly unit: string | null;
  /** Of a user. */
  readonly email: string | null;
  /** False: whoever it is, is refused. */
  readonly enabled: boolean;
  /** Epoch milliseconds, as all of them. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly enabledAt: number;
  /** When it was last deactivated; null where it never was. */
  readonly disabledAt: number | null;
  /** 1 when new; grows with every change. */
  readonly version: number;
}

export type DirectoryKind = 'project' | 'user';

/**
 * `written`: so it stands now. `taken`: another row has that name. `moved`: somebody else changed or deleted it first: read it
 * again.
 */
export type DirectoryWrite = 'written' | 'taken' | 'moved';

/** Names beside the books: nothing in the journal depends on them. */
export interface DirectoryStore {
  directoryRow(kind: DirectoryKind, name: string): Promise<DirectoryRow | null>;
  /** By the bytes of their names, after one, at most `limit`. */
  directoryRows(kind: DirectoryKind, after: string | null, limit: number): Promise<readonly DirectoryRow[]>;
  addDirectoryRow(row: DirectoryRow): Promise<DirectoryWrite>;
  /** Replaces the row of this name, where it still has this version; the new row may have another name. */
  replaceDirectoryRow(name: string, version: number, row: DirectoryRow): Promise<DirectoryWrite>;
  /** False where there is none. */
  deleteDirectoryRow(kind: DirectoryKind, name: string): Promise<boolean>;
}
