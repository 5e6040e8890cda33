import { allowanceStateDocument } from '../../books/allowance-documents.ts';
import { refillOf } from '../../limits/allowance.ts';
import { formatInZone } from '../../time/index.ts';
import { noAllowances, whoseText } from '../allowance-words.ts';
import { moneyCells } from '../amounts.ts';
import type { Shell } from '../shell.ts';
import { showTable } from '../show-table.ts';

export async function run(shell: Shell): Promise<undefined> {
  const books = await shell.books();
  const states = await books.allowances.state();
  const { zone } = books.context;
  await shell.report({
    json: () => ({
      schema: 'nanocent.allowances/1',
      allowances: states.map((state) => allowanceStateDocument(state, [])),
    }),
    csv: () => ({
      columns: ['id', 'subject', 'every', 'amount', 'used', 'held', 'remaining', 'over', 'resetsAt'],
      rows: states.map((state) => {
        const document = allowanceStateDocument(state, []);
        const { amount, used, held, remaining, over } = document;
        return [
          document.id,
          JSON.stringify(document.subject),
          document.every,
          ...[amount, used, held, remaining, over].map(({ usd }) => usd),
          document.resetsAt,
        ];
      }),
    }),
    text: () => {
      if (states.length === 0) return noAllowances;
      const amounts = moneyCells(states.map(({ limit }) => limit.max));
      const used = moneyCells(states.map((state) => state.used));
      const held = moneyCells(states.map((state) => state.held));
      const left = moneyCells(states.map(({ remaining }) => remaining));
      const rows = states.map((state, index) => [
        String(state.limit.id),
        whoseText(state),
        rhythms[refillOf(state.limit)],
        amounts[index]!,
        used[index]!,
        held[index]!,
        state.remaining === 0n ? { text: left[index]!, paint: shell.style.red } : left[index]!,
        state.resetsAt === null ? null : formatInZone(state.resetsAt, zone),
      ]);
      return showTable(shell, columns(zone), rows);
    },
  });
  return undefined;
}

const rhythms = { day: 'day', '24h': '24 h', never: 'once' } as const;

function columns(zone: string) {
  const right = 'right' as const;
  return [
    { title: 'Id', align: right },
    { title: 'For', cutTo: 14 },
    { title: 'Each' },
    { title: 'Amount', align: right, optional: 1 },
    { title: 'Used', align: right },
    { title: 'Held', align: right, optional: 3 },
    { title: 'Left', align: right },
    { title: `Next (${zone})`, optional: 4 },
  ];
}
