import { existsSync } from 'node:fs';
import { locateConfigured } from '../books/configured-options.ts';
import {
  type AgentLogs,
  type AgentReportQuery,
  agentReport,
  type CallsOnly,
} from '../exchange/agents/index.ts';
import type { Catalog } from '../prices/index.ts';
import type { LimitState } from '../reports/limit-states.ts';
import { windowAt } from '../time/index.ts';
import { openConfig } from './open-config.ts';
import { ledgerName } from './open-ledger.ts';
import type { Shell } from './shell.ts';

/** A cost limit of the ledger beside what the logs show in its current window. */
export interface AgentBudget {
  readonly state: LimitState;
  /** Start of the window; null for a lifetime. */
  readonly since: number | null;
  readonly loggedNanocents: bigint;
  readonly unpricedCalls: number;
}

interface Asked {
  readonly logs: AgentLogs;
  readonly query: AgentReportQuery;
  readonly catalog: Catalog;
}

/** Of the default ledger, if there is one: this makes none. Limits on users, keys and tags are not the logs' business. */
export async function agentBudgets(shell: Shell, asked: Asked): Promise<readonly AgentBudget[]> {
  const location = locateConfigured(
    ledgerName(shell.arguments, shell.terminal.environment),
    await openConfig(shell),
    shell.terminal.environment,
  );
  if (location.engine !== 'sqlite' || !existsSync(location.file)) return [];
  const books = await shell.books({ existing: true });
  const states = (await books.limitStates()).filter(isBudget);
  return Promise.all(states.map((state) => budget(state, asked)));
}

/** What a log can say of a call. */
const saidByLogs: readonly string[] = [
  'model',
  'provider',
  'project',
  'session',
  'caller',
] satisfies (keyof CallsOnly)[];

/** One that counts each value by itself is a budget for every value that it has counted. */
function isBudget({ limit, subject }: LimitState): boolean {
  const { type, max, selector, window } = limit;
  const fields = Object.keys(selector);
  const isCounter = fields.every((field) => saidByLogs.includes(field) && field in subject);
  return type === 'cost' && max > 0n && window.kind !== 'none' && window.kind !== 'grants' && isCounter;
}

async function budget(state: LimitState, { logs, query, catalog }: Asked): Promise<AgentBudget> {
  const { window } = state.limit;
  const { zone, now } = query;
  const since = window.kind === 'lifetime' ? null : windowAt(window, now).start;
  const only: CallsOnly = state.subject;
  const wanted = { view: 'total', only, since, until: now + 1, zone, now } as const;
  const { totals } = await agentReport(logs, wanted, catalog);
  const { nanocents, unpricedCalls } = totals.sums;
  return { state, since, loggedNanocents: nanocents, unpricedCalls };
}
