import { type FiredAlert, firedAlertDocument } from '../../books/alert-document.ts';
import { amountText } from '../../limits/describe.ts';
import { formatInZone } from '../../time/index.ts';
import { coveredText } from '../limit-words.ts';
import type { Shell } from '../shell.ts';
import { showTable } from '../show-table.ts';
import type { Cell } from '../table.ts';
import { visible } from '../text.ts';

export async function run(shell: Shell): Promise<undefined> {
  const number = shell.arguments.whole('number', { min: 1, max: 1000 }) ?? 20;
  const books = await shell.books();
  const alerts = await books.alerts(number);
  const { zone } = books.context;
  await shell.report({
    json: () => ({ schema: 'nanocent.alerts/1', alerts: alerts.map(firedAlertDocument) }),
    csv: () => ({
      columns: [
        'id',
        'firedAt',
        'limitId',
        'subject',
        'threshold',
        'used',
        'max',
        'told',
        'attempts',
        'error',
      ],
      rows: alerts.map((alert) => {
        const { id, firedAt, limit, subject, threshold, used, max, told, attempts, error } =
          firedAlertDocument(alert);
        return [
          ...[id, firedAt, limit.id, JSON.stringify(subject), threshold, used, max, told, attempts],
          error ?? '',
        ];
      }),
    }),
    text: () => (alerts.length === 0 ? none : table(shell, alerts, zone)),
  });
  return undefined;
}

const none = 'no threshold was reached yet; limits have them by `limits set … --threshold 80`\n';

function table(shell: Shell, alerts: readonly FiredAlert[], zone: string): string {
  const rows = alerts.map((alert): Cell[] => {
    const { limit, subject, threshold, used, maximum, firedAt } = alert;
    return [
      formatInZone(firedAt, zone),
      String(limit.id),
      coveredText(subject),
      `${threshold}%`,
      amountText(limit, BigInt(used)),
      amountText(limit, BigInt(maximum)),
      toldCell(shell, alert),
    ];
  });
  return showTable(shell, columns(zone), rows);
}

function toldCell({ style }: Shell, { told, error }: FiredAlert): Cell {
  const text = error === null ? told : `${told}: ${visible(error)}`;
  return told === 'delivered' ? text : { text, paint: style.yellow };
}

function columns(zone: string) {
  const right = 'right' as const;
  return [
    { title: `Reached (${zone})` },
    { title: 'Limit', align: right },
    { title: 'Covers', cutTo: 12 },
    { title: 'At', align: right },
    { title: 'Used', align: right },
    { title: 'Maximum', align: right, optional: 2 },
    { title: 'Told', cutTo: 9, optional: 1 },
  ];
}
