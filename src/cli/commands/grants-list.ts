import { balanceDocument, grantDocument } from '../../books/grant-documents.ts';
import type { Balance, GrantState } from '../../books/grants.ts';
import { formatUsd } from '../../money/index.ts';
import { formatInZone } from '../../time/index.ts';
import { moneyCells } from '../amounts.ts';
import { noGrants, ownerText, poolFrom } from '../grant-words.ts';
import type { Shell } from '../shell.ts';
import { showTable } from '../show-table.ts';
import type { Cell } from '../table.ts';

export async function run(shell: Shell): Promise<undefined> {
  const of = poolFrom(shell.arguments);
  const named = Object.keys(of).length > 0;
  const books = await shell.books();
  const grants = await books.grants.list(of);
  const balance = named ? await books.grants.balance(of) : null;
  const { zone } = books.context;
  await shell.report({
    json: () => ({
      schema: 'nanocent.grants/1',
      grants: grants.map(grantDocument),
      balance: balance && balanceDocument(balance),
    }),
    csv: () => ({
      columns: [
        'id',
        'for',
        'state',
        'amount',
        'spent',
        'held',
        'left',
        'unused',
        'refunded',
        'priority',
        'expiresAt',
        'reference',
      ],
      rows: grants.map((grant) => {
        const document = grantDocument(grant);
        const { amount, spent, held, left, unused, refunded } = document;
        return [
          document.id,
          JSON.stringify(grant.subject),
          document.state,
          ...[amount, spent, held, left, unused, refunded].map(({ usd }) => usd),
          document.priority,
          document.expiresAt,
          document.reference,
        ];
      }),
    }),
    text: () => (grants.length === 0 ? none(named) : table(shell, grants, zone) + summary(balance)),
  });
  return undefined;
}

function none(named: boolean): string {
  return named ? 'no grants: such calls are not limited by prepaid credit\n' : noGrants;
}

function summary(balance: Balance | null): string {
  if (balance === null) return '';
  const held = balance.held > 0n ? `, $${formatUsd(balance.held)} held for calls in flight` : '';
  return `\n$${formatUsd(balance.available)} left of $${formatUsd(balance.granted)}${held}\n`;
}

function table(shell: Shell, grants: readonly GrantState[], zone: string): string {
  const amounts = moneyCells(grants.map(({ amount }) => amount));
  const spent = moneyCells(grants.map((grant) => grant.spent));
  const held = moneyCells(grants.map((grant) => grant.held));
  const left = moneyCells(grants.map((grant) => grant.left));
  const rows = grants.map((grant, index): Cell[] => [
    String(grant.id),
    ownerText(grant),
    stateCell(shell, grant),
    amounts[index]!,
    spent[index]!,
    held[index]!,
    left[index]!,
    String(grant.priority),
    grant.expiresAt === null ? null : formatInZone(grant.expiresAt, zone),
    grant.reference,
  ]);
  return showTable(shell, columns(zone), rows);
}

function stateCell(shell: Shell, grant: GrantState): Cell {
  if (grant.over > 0n) return { text: `over by $${formatUsd(grant.over)}`, paint: shell.style.yellow };
  if (grant.unused > 0n)
    return { text: `expired, $${formatUsd(grant.unused)} unused`, paint: shell.style.dim };
  if (grant.refunded > 0n) return { text: `refunded $${formatUsd(grant.refunded)}`, paint: shell.style.dim };
  return grant.state === 'live' ? grant.state : { text: grant.state, paint: shell.style.dim };
}

function columns(zone: string) {
  const right = 'right' as const;
  return [
    { title: 'Id', align: right },
    { title: 'For', cutTo: 14 },
    { title: 'State', cutTo: 15 },
    { title: 'Amount', align: right, optional: 1 },
    { title: 'Spent', align: right },
    { title: 'Held', align: right, optional: 2 },
    { title: 'Left', align: right },
    { title: 'Priority', align: right, optional: 4 },
    { title: `Expires (${zone})`, optional: 3 },
    { title: 'Reference', cutTo: 10, optional: 5 },
  ];
}
