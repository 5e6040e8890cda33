import type { PromptRow } from '../../store/log.ts';
import { formatInZone } from '../../time/index.ts';
import { promptDocument } from '../log-documents.ts';
import type { Shell } from '../shell.ts';
import { grouped, visible } from '../text.ts';

/** Characters of one text that a person is shown; JSON has all of it. */
const shownCharacters = 2_000;

export async function run(shell: Shell): Promise<undefined> {
  const { arguments: given } = shell;
  const limit = given.whole('number', { min: 1, max: 1000 }) ?? 10;
  const filter = { username: given.text('username'), model: given.text('model') };
  const more = { purpose: given.text('purpose'), callId: given.text('call') };
  const said = Object.entries({ ...filter, ...more }).filter(([, value]) => value !== undefined);
  const books = await shell.books();
  const rows = await books.prompts.rows({ from: null, to: null, ...Object.fromEntries(said), limit });
  const { zone } = books.context;
  await shell.report({
    json: () => ({ schema: 'nanocent.prompts/1', prompts: rows.map(promptDocument) }),
    text: () => (rows.length === 0 ? empty(said.length > 0) : rows.map((row) => card(row, zone)).join('\n')),
  });
}

function empty(filtered: boolean): string {
  if (filtered) return 'no prompts match these filters\n';
  return 'no prompts are kept: the prompt log is off unless a program opens the books with { promptLog: true }\n';
}

function card(row: PromptRow, zone: string): string {
  const who = [row.model, row.username, row.purpose].filter((part) => part !== null).join(', ');
  const tokens = [row.inputTokens, row.outputTokens].map((count) => (count === null ? '?' : grouped(count)));
  const lines = [
    `${formatInZone(row.at, zone)}  ${visible(who)}  ${tokens[0]} in, ${tokens[1]} out  call ${row.callId}`,
    ...[part('prompt', row.prompt), part('results', row.toolResults)],
    ...[part('answer', row.response), part('calls', row.toolCalls)],
  ];
  return `${lines.filter((line) => line !== null).join('\n')}\n`;
}

function part(name: string, text: string | null): string | null {
  if (text === null) return null;
  const cut = text.length > shownCharacters ? `${text.slice(0, shownCharacters)} …` : text;
  const lines = cut.split(/\r?\n/).map(visible);
  return `  ${name.padEnd(8)}${lines.join(`\n${' '.repeat(10)}`)}`;
}
