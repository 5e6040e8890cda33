import { agentTitles, type Block, type LogPlace } from '../exchange/agents/index.ts';
import { amountText, subjectText, windowText } from '../limits/describe.ts';
import { formatUsdRounded } from '../money/index.ts';
import { formatInZone } from '../time/index.ts';
import type { AgentBudget } from './agent-budgets.ts';
import type { AgentsShown } from './agent-documents.ts';
import { hoursText } from './agent-tables.ts';
import { shareOf } from './amounts.ts';
import type { Shell } from './shell.ts';
import type { Paint } from './style.ts';
import { counted, grouped, visible, wrap } from './text.ts';

/** Kinds of unpriced calls that are named one by one. */
const unpricedShownMax = 5;

interface Note {
  readonly text: string;
  readonly paint?: Paint;
  /** Columns. */
  readonly indent?: number;
}

/** Under the table: where it leads, what is left of the budget, what has no price, how sure it is, what was read. */
export function agentNotes(shell: Shell, shown: AgentsShown): string {
  const { report, budgets } = shown;
  const { yellow, green } = shell.style;
  const [unpriced, ...kinds] = unpricedLines(shown);
  const notes: Note[] = [
    ...report.rows.flatMap(({ block }) => (block?.isActive ? [{ text: paceLine(block), paint: green }] : [])),
    ...budgets.map((budget) => ({ text: budgetLine(budget, report.query.zone) })),
    ...(unpriced === undefined ? [] : [{ text: unpriced, paint: yellow }]),
    ...kinds.map((text) => ({ text, paint: yellow, indent: 2 })),
    ...[...sureLines(shown), ...placesRead(shown)].map((text) => ({ text })),
  ];
  return notes.map((note) => noteLines(note, shell.terminal.columns)).join('');
}

/** What does not fit goes on in the next line, further in. */
function noteLines({ text, paint = (line) => line, indent = 0 }: Note, columns: number): string {
  const lines = wrap(text, columns - indent - 2);
  return lines
    .map((line, index) => `${' '.repeat(index === 0 ? indent : indent + 2)}${paint(line)}\n`)
    .join('');
}

function paceLine(block: Block): string {
  const { agent, remainingMs, tokensPerMinute, nanocentsPerHour, projected } = block;
  const pace = `${grouped(tokensPerMinute)} tokens a minute, ${formatUsdRounded(nanocentsPerHour)} an hour`;
  const end = `${grouped(projected!.tokens)} tokens and ${formatUsdRounded(projected!.nanocents)} at its end`;
  return `${agentTitles[agent]} now: ${pace}; ${end} in ${hoursText(remainingMs)}`;
}

function budgetLine({ state, since, loggedNanocents, unpricedCalls }: AgentBudget, zone: string): string {
  const { limit, used } = state;
  const from = since === null ? '' : ` since ${formatInZone(since, zone).slice(0, 16).replace(' 00:00', '')}`;
  const logged = `${formatUsdRounded(loggedNanocents)}${unpricedCalls > 0 ? ' or more' : ''}`;
  const share = shareOf(loggedNanocents, limit.max);
  return `Budget ${amountText(limit, limit.max)}${windowText(limit.window)}${visible(subjectText(state.subject))}: the logs show ${logged}${from} (${share}); booked in the ledger ${formatUsdRounded(used)}`;
}

function unpricedLines({ report }: AgentsShown): string[] {
  const { unpriced, totals } = report;
  if (totals.sums.unpricedCalls === 0) return [];
  const shown = unpriced.slice(0, unpricedShownMax);
  const more = unpriced.length - shown.length;
  return [
    `${counted(totals.sums.unpricedCalls, 'call')} without a price, not in the cost:`,
    ...shown.map(({ model, reason, calls }) => `${grouped(calls)} × ${visible(model)}: ${visible(reason)}`),
    ...(more > 0 ? [`and ${counted(more, 'more kind')}`] : []),
  ];
}

function sureLines({ report, logs }: AgentsShown): string[] {
  const { exact, partial, heuristic, calls } = report.totals.sums;
  const doubts = [
    ...(partial > 0 ? [`${grouped(partial)} whose end is not in the log, so perhaps too low`] : []),
    ...(heuristic > 0 ? [`${grouped(heuristic)} partly inferred`] : []),
  ];
  const sure =
    doubts.length === 0
      ? 'all as the provider counted them'
      : `${grouped(exact)} as the provider counted them`;
  const { repeated, copies, sidechainCopies, malformed, tooLong, synthetic, apiErrors } = logs.skipped;
  const skipped = [
    ...(repeated > 0 ? [counted(repeated, 'repeated line')] : []),
    ...(copies + sidechainCopies > 0 ? [`${grouped(copies + sidechainCopies)} from copied sessions`] : []),
    ...(synthetic + apiErrors > 0 ? [`${grouped(synthetic + apiErrors)} without a call`] : []),
    ...(malformed + tooLong > 0 ? [`${grouped(malformed + tooLong)} unreadable`] : []),
  ];
  return [
    `${counted(calls, 'call')}: ${[sure, ...doubts].join(', ')}`,
    ...(skipped.length === 0 ? [] : [`Passed over in all logs: ${skipped.join(', ')}`]),
    ...(logs.unreadable.length === 0
      ? []
      : [`Not allowed to read ${counted(logs.unreadable.length, 'file or folder')}`]),
    ...(logs.filesLeftOut === 0 ? [] : [`${counted(logs.filesLeftOut, 'file')} left out: too many`]),
  ];
}

function placesRead({ found, home }: AgentsShown): string[] {
  const read = found.places.filter(({ files }) => files > 0);
  return read.map(
    ({ agent, folder, files }) =>
      `${agentTitles[agent]}: ${counted(files, 'file')} in ${shortFolder(folder, home)}`,
  );
}

/** Nothing to show: why, where it was looked, and what can be tried without any logs. */
export function emptyAgents(shell: Shell, { found, logs, report, home }: AgentsShown): string {
  const { style } = shell;
  const { since, until, agent } = report.query;
  const isFiltered = since !== null || until !== null || agent !== undefined;
  if (logs.count > 0 && isFiltered)
    return `no calls in this period; ${counted(logs.count, 'call')} in all logs\n`;
  const looked = found.places.map((place) => `  ${placeLine(place, home)}`);
  const heading = found.files.length === 0 ? 'no logs of coding agents found' : 'no calls in the logs found';
  return (
    `${style.bold(heading)}; looked in\n${looked.join('\n')}\n\n` +
    'elsewhere? CLAUDE_CONFIG_DIR, CODEX_HOME, GEMINI_CLI_HOME and OPENCODE_DATA_DIR say where.\n' +
    'to see the books at work without any logs or keys:\n  nanocent serve --demo\n'
  );
}

function placeLine({ agent, folder, found, files }: LogPlace, home: string): string {
  const state = !found ? 'not there' : counted(files, 'file');
  return `${agentTitles[agent].padEnd(11)}  ${shortFolder(folder, home)}  (${state})`;
}

function shortFolder(folder: string, home: string): string {
  return visible(folder.startsWith(home) ? `~${folder.slice(home.length)}` : folder);
}
