import type { UserEntry } from '../../books/directory.ts';
import { formatInstant, formatInZone } from '../../time/index.ts';
import { nothingListed, pageFrom } from '../directory-words.ts';
import type { Shell } from '../shell.ts';
import { showTable } from '../show-table.ts';
import { visible } from '../text.ts';

export async function add(shell: Shell): Promise<undefined> {
  const books = await shell.books();
  await tell(shell, await books.users.add(shell.arguments.operands[0]!, detailsFrom(shell)), 'added user');
}

export async function update(shell: Shell): Promise<undefined> {
  const name = shell.arguments.text('new-name');
  const books = await shell.books();
  const change = { name, ...detailsFrom(shell) };
  await tell(shell, await books.users.update(shell.arguments.operands[0]!, change), 'changed user');
}

export async function deactivate(shell: Shell): Promise<undefined> {
  const books = await shell.books();
  await tell(shell, await books.users.deactivate(shell.arguments.operands[0]!), 'deactivated user');
}

export async function activate(shell: Shell): Promise<undefined> {
  const books = await shell.books();
  await tell(shell, await books.users.activate(shell.arguments.operands[0]!), 'activated user');
}

export async function list(shell: Shell): Promise<undefined> {
  const books = await shell.books();
  const users = await books.users.list(pageFrom(shell.arguments));
  const { zone } = books.context;
  await shell.report({
    json: () => ({ schema: 'nanocent.users/1', users: users.map(document) }),
    csv: () => ({
      columns: csvColumns,
      rows: users.map(document).map((user) => csvColumns.map((column) => user[column])),
    }),
    text: () => (users.length === 0 ? nothingListed(shell.arguments, 'user') : table(shell, users, zone)),
  });
}

const csvColumns = [
  'name',
  'ouName',
  'email',
  'enabled',
  'createdAt',
  'lastEnabledAt',
  'lastDisabledAt',
] as const;

function table(shell: Shell, users: readonly UserEntry[], zone: string): string {
  return showTable(
    shell,
    [
      { title: 'User', cutTo: 16 },
      { title: 'State' },
      { title: 'Unit', cutTo: 12, optional: 1 },
      { title: 'Email', cutTo: 16, optional: 2 },
      { title: `Since (${zone})`, optional: 3 },
    ],
    users.map(({ name, enabled, ouName, email, lastEnabledAt, lastDisabledAt }) => [
      name,
      enabled ? 'active' : { text: 'deactivated', paint: shell.style.yellow },
      ouName,
      email,
      formatInZone(enabled ? lastEnabledAt : (lastDisabledAt ?? lastEnabledAt), zone),
    ]),
  );
}

function detailsFrom({ arguments: given }: Shell) {
  return { ouName: given.text('ou-name'), email: given.text('email') };
}

async function tell(shell: Shell, user: UserEntry, what: string): Promise<undefined> {
  await shell.report({
    json: () => ({ schema: 'nanocent.user/1', ...document(user) }),
    text: () => `${what} ${visible(user.name)}\n`,
  });
}

function document({ createdAt, updatedAt, lastEnabledAt, lastDisabledAt, ...user }: UserEntry) {
  return {
    ...user,
    createdAt: formatInstant(createdAt),
    updatedAt: formatInstant(updatedAt),
    lastEnabledAt: formatInstant(lastEnabledAt),
    lastDisabledAt: lastDisabledAt === null ? null : formatInstant(lastDisabledAt),
  };
}
