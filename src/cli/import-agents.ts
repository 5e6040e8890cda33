import { type AgentName, agentTitles, discoverLogs, readAgentLogs } from '../exchange/agents/index.ts';
import { agentsSource, type ImportMarks, type ImportSource } from '../exchange/index.ts';
import { shown } from './open-ledger.ts';
import { openProgress } from './progress.ts';
import { progressBar } from './progress-bar.ts';
import type { Shell } from './shell.ts';

const names: Readonly<Record<string, AgentName>> = {
  claude: 'claude-code',
  codex: 'codex',
  gemini: 'gemini-cli',
  opencode: 'opencode',
};

/** Calls of one coding agent or of all; null, and a word on where it looked, when there are no logs. */
export async function openAgents(
  shell: Shell,
  source: string,
  marks: ImportMarks | null,
  home: string,
): Promise<ImportSource | null> {
  const { environment, columns: width } = shell.terminal;
  const agent = names[source];
  const found = discoverLogs({ environment, home, ...(agent === undefined ? {} : { agents: [agent] }) });
  if (found.files.length === 0) {
    for (const place of found.places)
      shell.note(`looked in ${shown(place.folder)} (${agentTitles[place.agent]})`);
    await shell.report({
      json: () => ({ schema: 'nanocent.import/1', source: 'agents', places: [], read: 0, booked: 0 }),
      csv: () => ({ columns: ['source', 'read', 'booked'], rows: [['agents', 0, 0]] }),
      text: () =>
        `no logs of ${agent === undefined ? 'coding agents' : agentTitles[agent]} found\n` +
        'to see Nanocent at work without them: nanocent serve --demo\n',
    });
    return null;
  }
  const progress = openProgress(shell);
  const logs = await readAgentLogs(found, {
    onProgress: (done, total) =>
      progress.at(() => progressBar({ done, total, words: 'reading logs', width })),
  });
  progress.end();
  return agentsSource({ found, logs, now: Date.now() }, marks);
}
