import { parseInstant } from '../../time/index.ts';
import { auditDocument } from '../log-documents.ts';
import type { Shell } from '../shell.ts';

export async function run(shell: Shell): Promise<undefined> {
  const { arguments: given } = shell;
  const type = given.required('log-type', 'give prompt, response, event, or a name of your own');
  const books = await shell.books();
  const { zone } = books.context;
  const timestamp = given.text('timestamp');
  const row = await books.audit.logEvent({
    type,
    app: given.text('app-name'),
    username: given.text('user-name'),
    model: given.text('model'),
    promptText: given.text('prompt-text'),
    responseText: given.text('response-text'),
    remoteCompletionId: given.text('remote-completion-id'),
    project: given.text('project'),
    session: given.text('session'),
    ...(timestamp === undefined ? {} : { at: parseInstant(timestamp, { zone, field: '--timestamp' }) }),
  });
  await shell.report({
    json: () => ({ schema: 'nanocent.auditEvent/1', ...auditDocument(row) }),
    text: () => `${row.id}\n`,
  });
}
