import type { Books } from '../books/books.ts';
import { type AgentName, agentTitles, discoverLogs, type FoundLogs } from '../exchange/agents/index.ts';
import type { ImportDefaults, ImportMarks, ImportOptions, ImportSource } from '../exchange/index.ts';
import { importInThread } from './import-thread.ts';
import type { OpenedImport } from './opened-import.ts';
import { pricesFrom } from './prices.ts';
import { openProgress } from './progress.ts';
import { progressBar } from './progress-bar.ts';
import type { Shell } from './shell.ts';
import { shown } from './shown-path.ts';

const names: Readonly<Record<string, AgentName>> = {
  claude: 'claude-code',
  codex: 'codex',
  gemini: 'gemini-cli',
  opencode: 'opencode',
};

/** Calls of one coding agent or of all; null, and a word on where it looked, when there are no logs. */
export async function openAgents(
  shell: Shell,
  books: Books,
  from: { readonly source: string; readonly marks: ImportMarks | null; readonly home: string },
): Promise<OpenedImport | null> {
  const { environment, columns: width } = shell.terminal;
  const agent = names[from.source];
  const found = discoverLogs({
    environment,
    home: from.home,
    ...(agent === undefined ? {} : { agents: [agent] }),
  });
  if (found.files.length === 0) {
    await sayNothingFound(shell, found, agent);
    return null;
  }
  const facts = {
    name: 'agents',
    places: found.places.filter(({ files }) => files > 0).map(({ folder }) => folder),
    passedOver: { calls: 0, files: 0 },
  };
  const opened = {
    facts: facts as Pick<ImportSource, 'name' | 'places' | 'passedOver'>,
    async run(options: ImportOptions & { defaults: ImportDefaults }) {
      const progress = openProgress(shell);
      const { dryRun = false, defaults } = options;
      const prices = { ...pricesFrom(shell.arguments), environment, at: Date.now() };
      const marks = from.marks?.all() ?? null;
      const { summary, passedOver } = await importInThread(
        books.context.ledger,
        { found, marks, prices, dryRun, defaults },
        (news) => {
          if (news.kind === 'marks') options.onMarks?.(news.marks);
          else if (news.kind === 'booked') {
            progress.end();
            options.onProgress?.(news.summary, news.done, news.total);
          } else progress.at(() => progressBar({ ...news, words: 'reading logs', width }));
        },
      ).finally(() => progress.end());
      opened.facts = { ...facts, passedOver };
      return summary;
    },
  };
  return opened;
}

async function sayNothingFound(shell: Shell, found: FoundLogs, agent: AgentName | undefined): Promise<void> {
  for (const place of found.places)
    shell.note(`looked in ${shown(place.folder)} (${agentTitles[place.agent]})`);
  await shell.report({
    json: () => ({ schema: 'nanocent.import/1', source: 'agents', places: [], read: 0, booked: 0 }),
    csv: () => ({ columns: ['source', 'read', 'booked'], rows: [['agents', 0, 0]] }),
    text: () =>
      `no logs of ${agent === undefined ? 'coding agents' : agentTitles[agent]} found\n` +
      'to see Nanocent at work without them: nanocent serve --demo\n',
  });
}
