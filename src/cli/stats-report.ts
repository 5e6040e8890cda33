import { totalsDocument } from '../books/documents.ts';
import { emptyTotals, type PeriodStats, type RankedSum, type StatsGroup } from '../reports/period-stats.ts';
import type { Totals } from '../store/query.ts';
import { duration, moneyCells, pointsAligned, shareOf } from './amounts.ts';
import { noCalls } from './commands/tail.ts';
import type { CsvValue } from './csv.ts';
import type { Shell } from './shell.ts';
import { showTable } from './show-table.ts';
import type { Cell, Column } from './table.ts';
import { counted, grouped } from './text.ts';

/** Groups shown to a person; the rest is summed in a row of its own. */
const groupsMax = 50;
const ranksMax = 5;

export function renderStats(shell: Shell, stats: PeriodStats, heading: string, filtered: boolean): string {
  const { style } = shell;
  if (stats.totals.entries === 0n) return `${style.bold(heading)}\n\n${empty(filtered)}`;
  const sections = [totalsTable(shell, stats.totals), groupsTable(shell, stats)];
  if (stats.by === 'model' && stats.groups.length > 1) sections.push(rankings(shell, stats));
  return `${style.bold(heading)}\n\n${sections.join('\n')}`;
}

function empty(filtered: boolean): string {
  return filtered ? noCalls(true) : noCalls(false).replace('no calls yet', 'no calls in this period');
}

function totalsTable(shell: Shell, totals: Totals): string {
  const perCall = (sum: bigint) => (totals.calls === 0n ? null : meanText(sum, totals.calls));
  const row = (title: string, sum: bigint): Cell[] => [title, grouped(sum), perCall(sum)];
  const when = (known: bigint, rows: Cell[][]) => (known === 0n ? [] : rows);
  const [spent, mean] = moneyCells([
    totals.nanocents,
    totals.calls === 0n ? null : totals.nanocents / totals.calls,
  ]);
  const seconds = Number(totals.executionMicroseconds) / 1e6;
  const rows: Cell[][] = [
    ['Calls', grouped(totals.calls), ''],
    row('Prompt tokens', totals.promptTokens),
    ...when(totals.cacheRead, [row('  read from cache', totals.cacheRead)]),
    ...when(totals.cacheWrite, [row('  written to cache', totals.cacheWrite)]),
    row('Completion tokens', totals.output),
    ...when(totals.reasoning, [row('  reasoning', totals.reasoning)]),
    row('Total tokens', totals.totalTokens),
    ...when(totals.localTotalTokens, [row('  counted here', totals.localTotalTokens)]),
    ...when(totals.executionMicroseconds, [
      ['Time', duration(seconds), totals.calls === 0n ? null : duration(seconds / Number(totals.calls))],
    ]),
    ['Cost', spent!.trimEnd(), mean?.trimEnd() ?? null],
  ];
  const unpriced =
    totals.unpricedCalls === 0n
      ? ''
      : `${shell.style.yellow(`${counted(totals.unpricedCalls, 'call')} without a known price`)} not in the cost\n`;
  const columns: Column[] = [
    { title: '' },
    { title: 'Sum', align: 'right' },
    { title: 'Per call', align: 'right' },
  ];
  return showTable(shell, columns, rows) + unpriced;
}

/** Two places, as the JSON document has them. */
function meanText(sum: bigint, calls: bigint): string {
  return grouped(Number((sum * 100n) / calls) / 100);
}

const groupTitles: Readonly<Record<string, string>> = {
  model: 'Model',
  provider: 'Provider',
  username: 'User',
  caller: 'Caller',
  project: 'Project',
  session: 'Session',
  purpose: 'Purpose',
  key: 'Key',
  day: 'Day',
};

function groupsTable(shell: Shell, { by, groups, totals }: PeriodStats): string {
  const shown = groups.slice(0, groups.length > groupsMax ? groupsMax - 1 : groupsMax);
  const costs = moneyCells([...shown.map((group) => group.totals.nanocents), totals.nanocents]);
  const rows = shown.map((group, index) => groupRow(group, costs[index]!, totals.nanocents));
  const columns: Column[] = [
    { title: groupTitles[by] ?? by, cutTo: 14 },
    { title: 'Calls', align: 'right' },
    { title: 'Prompt', align: 'right', optional: 3 },
    { title: 'Completion', align: 'right', optional: 3 },
    { title: 'Total', align: 'right', optional: 1 },
    { title: 'Time', align: 'right', optional: 5 },
    { title: 'Cost', align: 'right' },
    { title: 'Share', align: 'right', optional: 4 },
  ];
  const footer = groupRow({ key: 'All', totals }, costs.at(-1)!, totals.nanocents);
  const more = groups.length - shown.length;
  const rest = more > 0 ? `${shell.style.dim(`${more} more: --json and --csv show all`)}\n` : '';
  return showTable(shell, columns, rows, shown.length > 1 ? footer : undefined) + rest;
}

function groupRow({ key, totals }: StatsGroup, cost: string, all: bigint): Cell[] {
  return [
    key,
    grouped(totals.calls),
    grouped(totals.promptTokens),
    grouped(totals.output),
    grouped(totals.totalTokens),
    totals.executionMicroseconds === 0n ? null : duration(Number(totals.executionMicroseconds) / 1e6),
    totals.unpricedCalls > 0n && totals.nanocents === 0n ? null : cost,
    all > 0n && totals.nanocents > 0n ? shareOf(totals.nanocents, all) : null,
  ];
}

const ranked: readonly { readonly sum: RankedSum; readonly title: string; readonly optional?: number }[] = [
  { sum: 'promptTokens', title: 'By prompt tokens' },
  { sum: 'completionTokens', title: 'By completion tokens', optional: 1 },
  { sum: 'nanocents', title: 'By cost' },
];

function rankings(shell: Shell, { rankings }: PeriodStats): string {
  const lists = ranked.map(({ sum }) => {
    const top = rankings[sum].slice(0, ranksMax);
    const values =
      sum === 'nanocents'
        ? moneyCells(top.map(({ value }) => value))
        : top.map(({ value }) => grouped(value));
    return top.map(({ model }, index) => ({ model, value: pointsAligned(values)[index]! }));
  });
  const length = Math.max(...lists.map((list) => list.length));
  const rows = Array.from({ length }, (_, rank) => [
    String(rank + 1),
    ...lists.flatMap((list): Cell[] => [list[rank]?.model ?? '', list[rank]?.value ?? '']),
  ]);
  const columns: Column[] = [
    { title: 'Rank', align: 'right' },
    ...ranked.flatMap(({ title, optional }): Column[] => {
      const leave = optional === undefined ? {} : { optional };
      return [
        { title, cutTo: 12, ...leave },
        { title: '', align: 'right', ...leave },
      ];
    }),
  ];
  return showTable(shell, columns, rows);
}

/** One row a group, named as in the JSON document. */
export function statsCsv({ by, groups }: PeriodStats): {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly CsvValue[])[];
} {
  const sums = groups.map(({ key, totals }) => ({ [by]: key, ...totalsDocument(totals) }));
  const columns = [by, ...Object.keys(totalsDocument(emptyTotals))];
  return { columns, rows: sums.map((row) => Object.values(row)) };
}
