import { type CountColumn, type EntryColumns, type SharedColumn, textIn } from './entry-columns.ts';
import type { PlannedBundle } from './port.ts';
import {
  dayOf,
  narrowFields,
  quarterHourOf,
  type RollupDelta,
  type SumField,
  type Sums,
  sumFields,
  wideFields,
} from './rollup.ts';

type BigField = 'nanocents' | 'executionMicroseconds';
type CountField = Exclude<SumField, BigField>;
const countFields = sumFields.filter(
  (field): field is CountField => field !== 'nanocents' && field !== 'executionMicroseconds',
);

/**
 * What a bundle adds to both rollups: rollupDeltas over columns. Token counts are added as numbers, which is exact: a bundle has
 * at most 1,024 rows, of at most 6 × 10^12 each.
 */
export function bundleDeltas(
  { rows, chosen }: PlannedBundle,
  zone: string,
): { readonly narrow: readonly RollupDelta[]; readonly wide: readonly RollupDelta[] } {
  const { at } = rows.counts;
  const narrow = openGroups(rows, narrowFields);
  const wide = openGroups(rows, wideFields);
  const added = new Float64Array(countFields.length);
  let day = { start: 0, end: 0 };
  for (const row of chosen) {
    const instant = at[row]!;
    if (instant < day.start || instant >= day.end) day = dayOf(instant, zone);
    countsOf(rows, row, added);
    narrow.add(row, quarterHourOf(instant), added);
    wide.add(row, day.start, added);
  }
  return { narrow: narrow.deltas(), wide: wide.deltas() };
}

interface Group {
  readonly bucket: number;
  readonly row: number;
  readonly counts: Float64Array;
  nanocents: bigint;
  executionMicroseconds: bigint;
}

function openGroups(rows: EntryColumns, fields: readonly (SharedColumn & string)[]) {
  const columns = fields.map((field) => rows.shared[field]);
  const groups = new Map<string, Group>();
  return {
    add(row: number, bucket: number, added: Float64Array): void {
      let name = `${bucket}`;
      for (const column of columns) name += ` ${column[row]}`;
      let group = groups.get(name);
      if (group === undefined) {
        const counts = new Float64Array(added.length);
        group = { bucket, row, counts, nanocents: 0n, executionMicroseconds: 0n };
        groups.set(name, group);
      }
      const { counts } = group;
      for (let index = 0; index < added.length; index += 1) counts[index]! += added[index]!;
      group.nanocents += rows.nanocents[row]!;
      const execution = rows.counts.executionMicroseconds[row]!;
      if (execution > 0) group.executionMicroseconds += BigInt(execution);
    },
    deltas: () =>
      [...groups.values()].map(({ bucket, row, counts, ...big }): RollupDelta => {
        const sums = Object.fromEntries(
          countFields.map((field, index) => [field, BigInt(counts[index]!)]),
        ) as Sums;
        sums.nanocents = big.nanocents;
        sums.executionMicroseconds = big.executionMicroseconds;
        return { bucket, group: fields.map((field) => textIn(rows, field, row)), sums };
      }),
  };
}

/** What one row adds to each of `countFields`; an unknown count adds nothing. */
function countsOf(rows: EntryColumns, row: number, into: Float64Array): void {
  const { counts } = rows;
  const known = (name: CountColumn) => counts[name][row]! || 0;
  const input = known('input');
  const cacheRead = known('cacheRead');
  const cacheWrite = known('cacheWrite5m') + known('cacheWrite1h') + known('cacheWrite');
  const output = known('output');
  const prompt = input + cacheRead + cacheWrite;
  const isWhole = isPromptKnown(rows, row) && !Number.isNaN(counts.output[row]!);
  const given = counts.totalTokens[row]!;
  const sums: Readonly<Record<CountField, number>> = {
    calls: known('calls'),
    entries: 1,
    input,
    cacheRead,
    cacheWrite,
    output,
    reasoning: known('reasoning'),
    promptTokens: prompt,
    totalTokens: Number.isNaN(given) ? (isWhole ? prompt + output : 0) : given,
    localPromptTokens: known('localPromptTokens'),
    localCompletionTokens: known('localCompletionTokens'),
    localTotalTokens: known('localTotalTokens'),
    unpricedCalls: rows.isPriced[row] === 1 ? 0 : 1,
  };
  for (let index = 0; index < countFields.length; index += 1) into[index] = sums[countFields[index]!];
}

const promptParts = ['input', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h', 'cacheWrite'] as const;

function isPromptKnown({ counts }: EntryColumns, row: number): boolean {
  return promptParts.some((part) => !Number.isNaN(counts[part][row]!));
}
