import type { AuditRow } from '../../store/log.ts';
import { formatInZone } from '../../time/index.ts';
import { auditDocument } from '../log-documents.ts';
import type { Shell } from '../shell.ts';
import { showTable } from '../show-table.ts';

const csvColumns = [
  ...['id', 'at', 'type', 'app', 'username', 'model', 'promptText', 'responseText'],
  ...['remoteCompletionId', 'project', 'session', 'callId'],
] as const satisfies readonly (keyof AuditRow)[];

export async function run(shell: Shell): Promise<undefined> {
  const { arguments: given } = shell;
  const limit = given.whole('number', { min: 1, max: 1000 }) ?? 10;
  const filter = { app: given.text('app-name'), username: given.text('username') };
  const more = { project: given.text('project'), type: given.text('log-type') };
  const said = Object.entries({ ...filter, ...more }).filter(([, value]) => value !== undefined);
  const books = await shell.books();
  const rows = await books.audit.entries({ ...Object.fromEntries(said), limit });
  const { zone } = books.context;
  await shell.report({
    json: () => ({ schema: 'nanocent.audit/1', events: rows.map(auditDocument) }),
    csv: () => ({
      columns: csvColumns,
      rows: rows.map(auditDocument).map((row) => csvColumns.map((column) => row[column])),
    }),
    text: () => (rows.length === 0 ? empty(said.length > 0) : table(shell, rows, zone)),
  });
}

function empty(filtered: boolean): string {
  if (filtered) return 'no events match these filters\n';
  return 'no events yet: write one with\n  nanocent log-event --log-type event --user-name ann\n';
}

function table(shell: Shell, rows: readonly AuditRow[], zone: string): string {
  return showTable(
    shell,
    [
      { title: `Time (${zone})` },
      { title: 'Type' },
      { title: 'User', cutTo: 8 },
      { title: 'App', cutTo: 8, optional: 2 },
      { title: 'Model', cutTo: 14, optional: 1 },
      { title: 'Text', cutTo: 20 },
    ],
    rows.map(({ at, type, username, app, model, promptText, responseText }) => [
      formatInZone(at, zone),
      type,
      username,
      app,
      model,
      promptText ?? responseText,
    ]),
  );
}
