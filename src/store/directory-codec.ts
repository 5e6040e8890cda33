import type { DirectoryKind, DirectoryRow } from './directory.ts';
import type { Row, Value } from './row.ts';

/** Of `nanocent_directory`, in every engine. */
export const directoryColumns = [
  'kind',
  'name',
  'unit',
  'email',
  'enabled',
  'created_at',
  'updated_at',
  'enabled_at',
  'disabled_at',
  'version',
] as const;

export function directoryValues(row: DirectoryRow): Value[] {
  const { kind, name, unit, email, enabled, createdAt, updatedAt, enabledAt, disabledAt, version } = row;
  return [kind, name, unit, email, enabled ? 1 : 0, createdAt, updatedAt, enabledAt, disabledAt, version];
}

/** Reads a row of `directoryColumns`. */
export function directoryOf(row: Row): DirectoryRow {
  return {
    kind: row[0] as DirectoryKind,
    name: row[1] as string,
    unit: row[2] as string | null,
    email: row[3] as string | null,
    enabled: Number(row[4]) === 1,
    createdAt: Number(row[5]),
    updatedAt: Number(row[6]),
    enabledAt: Number(row[7]),
    disabledAt: row[8] === null ? null : Number(row[8]),
    version: Number(row[9]),
  };
}
