import { hash } from 'node:crypto';
import { decodeLine } from '../../ledger/journal.ts';
import { cellsOf } from '../bundle-cells.ts';
import { bundleDeltas } from '../bundle-rollup.ts';
import { entryColumns, entryValues } from '../entry-codec.ts';
import { textIn } from '../entry-columns.ts';
import type { Head, Plan } from '../port.ts';
import { encodeProgress, encodeTerms, sameTerms } from '../reservation-codec.ts';
import { type RollupDelta, rollupDeltas, sumFields } from '../rollup.ts';
import type { Value } from '../row.ts';

/** What a server's table has beside entryColumns. */
export const serverEntryColumns = ['chain', ...entryColumns] as const;

/** Rows of one table as lists, one for each column: what unnest() takes, and what a row of VALUES is made of. */
export type Columns = readonly (readonly Value[])[];

/** The rows that a plan writes into the table of usage, of a bundle too, in the order of serverEntryColumns. */
export function entryRows(plan: Plan<unknown>, chain: number): Value[][] {
  if (plan.bundle) {
    const { rows, chosen, firstLine, recordedAt } = plan.bundle;
    const cells = cellsOf(rows, recordedAt);
    const line = entryColumns.indexOf('line');
    return chosen.map((row, index) => {
      const values = cells.map((cell) => cell(row));
      values[line] = firstLine + index;
      return [chain, ...values];
    });
  }
  const positions = new Map(plan.lines.map((line) => [line.entryId, line.position]));
  return plan.entries.map((entry) => [chain, ...entryValues(entry, positions.get(entry.id)!)]);
}

/** Providers and models that a plan's usage rows name, each once. */
export function namesIn(plan: Plan<unknown>): { readonly provider: string | null; readonly model: string }[] {
  const found = new Map<string, { provider: string | null; model: string }>();
  const note = (provider: string | null, model: string) =>
    found.set(JSON.stringify([provider, model]), { provider, model });
  if (plan.bundle) {
    const { rows, chosen } = plan.bundle;
    for (const row of chosen) note(textIn(rows, 'provider', row), textIn(rows, 'model', row)!);
  }
  for (const { provider, model } of plan.entries) note(provider, model);
  return [...found.values()];
}

/** Stands for several texts in a key: the first 16 bytes of SHA-256 of them, as JSON. */
export function keyOfTexts(texts: readonly (string | null)[]): Buffer {
  return hash('sha256', JSON.stringify(texts), 'buffer').subarray(0, 16);
}

/** Rows that a batch adds to the rollups: chain, bucket, hash, the group's texts, then sumFields. */
export function rollupRows(
  plan: Plan<unknown>,
  zone: string,
  chain: number,
): { readonly narrow: Value[][]; readonly wide: Value[][] } {
  const { narrow, wide } = plan.bundle ? bundleDeltas(plan.bundle, zone) : rollupDeltas(plan.entries, zone);
  const rowOf = ({ bucket, group, sums }: RollupDelta): Value[] => [
    chain,
    bucket,
    keyOfTexts(group),
    ...group,
    ...sumFields.map((field) => sums[field]),
  ];
  return { narrow: narrow.map(rowOf), wide: wide.map(rowOf) };
}

/** Changed and new reservations, in the order of reservationColumns and then the chain of the last line; sorted by id. */
export function reservationRows(
  plan: Plan<unknown>,
  loaded: Head['reservations'],
): { readonly added: Value[][]; readonly changed: Value[][] } {
  const added: Value[][] = [];
  const changed: Value[][] = [];
  const sorted = [...plan.reservations].sort((left, right) => (left.row.id < right.row.id ? -1 : 1));
  for (const { row, isNew } of sorted) {
    const { id, state, createdAt, expiresAt, endedAt, fence, lastLine, draft } = row;
    const before = isNew ? undefined : loaded.get(id);
    // Terms are long and seldom change: null leaves them as they are.
    const terms = before !== undefined && sameTerms(before, row) ? null : encodeTerms(row);
    const numbers = [createdAt, expiresAt, endedAt, fence, lastLine?.position ?? null];
    const texts = [terms, encodeProgress(row), draft];
    (isNew ? added : changed).push([id, state, ...numbers, ...texts, lastLine?.chain ?? null]);
  }
  return { added, changed };
}

/** Positions of a plan's purge lines: `verify` looks up where a purge excuses missing rows. */
export function purgePositions(plan: Plan<unknown>, chain: number): number[] {
  if (plan.purgeBefore === null) return [];
  return plan.lines
    .filter(({ body }) => decodeLine(chain, body).kind === 'purge')
    .map(({ position }) => position);
}

/** Lists of rows as lists of columns; `width` says how many there are where there is no row. */
export function columnsOfRows(rows: readonly (readonly Value[])[], width: number): Columns {
  return Array.from({ length: width }, (_, column) => rows.map((row) => row[column]!));
}
