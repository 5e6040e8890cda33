import { homedir } from 'node:os';
import { NanocentError } from '../../errors/error.ts';
import { nearest } from '../../errors/nearest.ts';
import {
  type AgentDimension,
  type AgentName,
  type AgentReportQuery,
  type AgentView,
  agentReport,
  agentViews,
  discoverLogs,
  readAgentLogs,
} from '../../exchange/agents/index.ts';
import { assertZone, customPeriod, parseInstant } from '../../time/index.ts';
import { agentBudgets } from '../agent-budgets.ts';
import { agentsCsv, agentsDocument } from '../agent-documents.ts';
import { renderAgents } from '../agent-tables.ts';
import type { Arguments } from '../arguments.ts';
import { logCacheFile } from '../log-cache-file.ts';
import { commandPrices } from '../prices.ts';
import { openProgress } from '../progress.ts';
import type { Shell } from '../shell.ts';
import { visible } from '../text.ts';

export async function run(shell: Shell): Promise<undefined> {
  const { arguments: given, terminal } = shell;
  const query = queryFrom(given);
  const home = terminal.environment.HOME || homedir();
  const found = discoverLogs({ environment: terminal.environment, home });
  const progress = openProgress(shell);
  const logs = await readAgentLogs(found, {
    ...(given.has('no-cache') ? {} : { cacheFile: logCacheFile(terminal.environment, home) }),
    onProgress: (done, total) => progress.at(() => `reading logs: ${Math.floor((done * 100) / total)} %`),
  });
  progress.end();
  const catalog = await commandPrices(shell);
  const report = await agentReport(logs, query, catalog);
  const days = given.has('heatmap') ? await agentReport(logs, { ...query, view: 'daily' }, catalog) : null;
  const budgets = await agentBudgets(shell, { logs, query, catalog });
  const whole = { found, logs, report, days, budgets, home };
  await shell.report({
    json: () => agentsDocument(whole),
    csv: () => agentsCsv(report),
    text: () => renderAgents(shell, whole),
  });
  return undefined;
}

function queryFrom(given: Arguments): AgentReportQuery {
  const zone = given.text('zone') ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  assertZone(zone, '--zone');
  const by = given.text('by')?.toLowerCase() as AgentDimension | undefined;
  const agent = given.text('agent')?.toLowerCase() as AgentName | undefined;
  return {
    view: viewFrom(given.operands[0], by),
    ...(by === undefined ? {} : { by }),
    ...(agent === undefined ? {} : { agent }),
    breakdown: given.has('breakdown'),
    ...periodFrom(given, zone),
    zone,
    now: Date.now(),
  };
}

/** Fields asked for without days stand alone. */
function viewFrom(word: string | undefined, by: AgentDimension | undefined): AgentView {
  if (word === undefined) return by === undefined ? 'daily' : 'total';
  const view = agentViews.find((known) => known === word.toLowerCase());
  if (view !== undefined) return view;
  const near = nearest(word, agentViews);
  throw new NanocentError('field_invalid', `agents has no report ${visible(word)}`, {
    field: '[daily|weekly|monthly|session|blocks]',
    fix: near ? `did you mean ${near}?` : 'write daily, weekly, monthly, session or blocks',
  });
}

function periodFrom(given: Arguments, zone: string): Pick<AgentReportQuery, 'since' | 'until'> {
  const sinceText = given.text('since');
  const untilText = given.text('until');
  const since = sinceText === undefined ? null : parseInstant(sinceText, { zone, field: '--since' });
  if (untilText === undefined) return { since, until: null };
  parseInstant(untilText, { zone, field: '--until' });
  const { end } = customPeriod('1970-01-01', untilText, zone);
  if (since !== null && end <= since) {
    throw new NanocentError('time_invalid', `--until ${untilText} is not after --since ${sinceText}`, {
      field: '--until',
      fix: 'give a later time',
    });
  }
  return { since, until: end };
}
