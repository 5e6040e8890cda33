import { limitDocument } from '../../books/documents.ts';
import { windowText } from '../../limits/describe.ts';
import { coveredText, maximumNow } from '../limit-words.ts';
import type { Shell } from '../shell.ts';
import { showTable } from '../show-table.ts';

export async function run(shell: Shell): Promise<undefined> {
  const books = await shell.books();
  const limits = await books.limits.list();
  await shell.report({
    json: () => ({ schema: 'nanocent.limits/1', limits: limits.map(limitDocument) }),
    csv: () => {
      const rows = limits.map((limit) => {
        const { interval, thresholds, raises: _, ...fields } = limitDocument(limit);
        const own = columns.slice(0, -intervalColumns).map((name) => fields[name as keyof typeof fields]);
        return [...own, thresholds.join(' '), interval.unit, interval.value, interval.mode, interval.zone];
      });
      return { columns, rows };
    },
    text: () => {
      if (limits.length === 0) return noLimits;
      const rows = limits.map((limit) => [
        String(limit.id),
        limit.scope,
        coveredText(limit.selector),
        limit.type,
        maximumNow(limit, books.context.clock.now()),
        windowText(limit.window).trim() || 'in flight',
        limit.enforcement,
      ]);
      return showTable(shell, table, rows);
    },
  });
  return undefined;
}

export const noLimits =
  'no limits yet: set one with\n' +
  '  nanocent limits set --scope GLOBAL --limit-type cost --max-value 5.00 --interval-unit day\n';

const columns = [
  ...['id', 'scope', 'type', 'max', 'model', 'provider', 'username', 'caller', 'project', 'key', 'tag'],
  ...['enforcement', 'source', 'kind', 'session', 'purpose', 'file', 'thresholds'],
  ...['interval.unit', 'interval.value', 'interval.mode', 'interval.zone'],
];
/** Those at the end that come out of an object or a list. */
const intervalColumns = 5;

const table = [
  { title: 'Id', align: 'right' as const },
  { title: 'Scope', optional: 1 },
  { title: 'Covers', cutTo: 12 },
  { title: 'Counts' },
  { title: 'Maximum', align: 'right' as const },
  { title: 'Window' },
  { title: 'Enforced', optional: 2 },
];
