import { existsSync } from 'node:fs';
import { locateStore } from '../books/store-location.ts';
import { type AgentLogs, type AgentReportQuery, agentReport } from '../exchange/agents/index.ts';
import type { Limit } from '../limits/limit.ts';
import type { Catalog } from '../prices/index.ts';
import type { LimitState } from '../reports/limit-states.ts';
import { windowAt } from '../time/index.ts';
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

/** Of the default ledger, if there is one: this makes none. Limits on users, keys and the like are not the logs' business. */
export async function agentBudgets(shell: Shell, asked: Asked): Promise<readonly AgentBudget[]> {
  const location = locateStore(ledgerName(shell.arguments), shell.terminal.environment, process.cwd());
  if (location.engine !== 'sqlite' || !existsSync(location.file)) return [];
  const books = await shell.books({ existing: true });
  const states = (await books.limitStates()).filter(({ limit }) => isBudget(limit));
  return Promise.all(states.map((state) => budget(state, asked)));
}

function isBudget({ type, max, selector, window }: Limit): boolean {
  const fields = Object.keys(selector);
  return type === 'cost' && max > 0n && window.kind !== 'none' && fields.length === 0;
}

async function budget(state: LimitState, { logs, query, catalog }: Asked): Promise<AgentBudget> {
  const { window } = state.limit;
  const { zone, now } = query;
  const since = window.kind === 'lifetime' ? null : windowAt(window, now).start;
  const wanted = { view: 'total', since, until: now + 1, zone, now } as const;
  const { totals } = await agentReport(logs, wanted, catalog);
  const { nanocents, unpricedCalls } = totals.sums;
  return { state, since, loggedNanocents: nanocents, unpricedCalls };
}
