import { entryDocument } from '../../books/documents.ts';
import { type Entry, promptTokens, totalTokens } from '../../store/entry.ts';
import { formatInZone } from '../../time/index.ts';
import { duration, moneyCells } from '../amounts.ts';
import { filterFrom } from '../attribution.ts';
import { entriesCsv } from '../entry-csv.ts';
import type { Shell } from '../shell.ts';
import { showTable } from '../show-table.ts';
import type { Column } from '../table.ts';
import { grouped } from '../text.ts';

export async function run(shell: Shell): Promise<undefined> {
  const number = shell.arguments.whole('number', { min: 1, max: 1000 }) ?? 10;
  const filter = filterFrom(shell.arguments);
  const books = await shell.books();
  const entries = await books.tail(number, filter);
  await shell.report({
    json: () => ({ schema: 'nanocent.entries/1', entries: entries.map(entryDocument) }),
    csv: () => entriesCsv(entries),
    text: () => {
      if (entries.length === 0) return noCalls(Object.keys(filter).length > 0);
      return table(shell, entries, books.context.zone);
    },
  });
}

export function noCalls(filtered: boolean): string {
  if (filtered) return 'no calls match these filters\n';
  return (
    'no calls yet: book one with\n' +
    '  nanocent track --model gpt-4o --prompt-tokens 1000 --completion-tokens 500\n' +
    'or let the gateway do it with\n' +
    '  nanocent serve\n'
  );
}

function table(shell: Shell, entries: readonly Entry[], zone: string): string {
  const costs = moneyCells(entries.map((entry) => entry.nanocents));
  // Seconds only where there is room.
  const timeLength = shell.terminal.columns < 100 ? 16 : 19;
  const rows = entries.map((entry, index) => [
    formatInZone(entry.at, zone).slice(0, timeLength),
    entry.model,
    count(promptTokens(entry.usage)),
    count(entry.usage.output),
    count(totalTokens(entry)),
    costs[index]!,
    entry.username,
    entry.caller,
    entry.project,
    entry.purpose,
    entry.executionMicroseconds === null ? null : duration(entry.executionMicroseconds / 1e6),
    entry.id,
  ]);
  const kept = columns(zone).flatMap((column, index) =>
    column.whenUsed && rows.every((row) => row[index] === null) ? [] : [{ column, index }],
  );
  return showTable(
    shell,
    kept.map(({ column }) => column),
    rows.map((row) => kept.map(({ index }) => row[index]!)),
  );
}

/** Those with `whenUsed` are shown only where an entry has a value for them. */
function columns(zone: string): readonly (Column & { readonly whenUsed?: true })[] {
  return [
    { title: `Time (${zone})` },
    { title: 'Model', cutTo: 14 },
    { title: 'Prompt', align: 'right', optional: 4 },
    { title: 'Completion', align: 'right', optional: 4 },
    { title: 'Total', align: 'right', optional: 1 },
    { title: 'Cost', align: 'right' },
    { title: 'User', cutTo: 8, optional: 3, whenUsed: true },
    { title: 'Caller', cutTo: 8, optional: 5, whenUsed: true },
    { title: 'Project', cutTo: 8, optional: 6, whenUsed: true },
    { title: 'Purpose', cutTo: 8, optional: 8, whenUsed: true },
    { title: 'Took', align: 'right', optional: 7, whenUsed: true },
    { title: 'Id', optional: 8 },
  ];
}

function count(value: number | null): string | null {
  return value === null ? null : grouped(value);
}
