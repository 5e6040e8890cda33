import { limitStateDocument, moneyDocument } from '../books/documents.ts';
import {
  type AgentLogs,
  type AgentReport,
  type Block,
  type FoundLogs,
  type ReportRow,
  type Sums,
  totalTokens,
} from '../exchange/agents/index.ts';
import { formatInstant } from '../time/index.ts';
import type { AgentBudget } from './agent-budgets.ts';
import type { CsvValue } from './csv.ts';

/** All that the command shows: one reading of the logs for everything in it. */
export interface AgentsShown {
  readonly found: FoundLogs;
  readonly logs: AgentLogs;
  readonly report: AgentReport;
  /** For the calendar, where it is asked for. */
  readonly days: AgentReport | null;
  readonly budgets: readonly AgentBudget[];
  readonly home: string;
}

export function agentsDocument({ found, logs, report, days, budgets }: AgentsShown) {
  const { query } = report;
  return {
    schema: 'nanocent.agents/1',
    view: query.view,
    by: query.by ?? null,
    agent: query.agent ?? null,
    at: formatInstant(query.now),
    period: { since: instant(query.since), until: instant(query.until), zone: query.zone },
    logs: {
      places: found.places,
      unreadable: logs.unreadable,
      filesLeftOut: logs.filesLeftOut,
      passedOver: logs.skipped,
    },
    rows: report.rows.map(rowDocument),
    totals: sumsDocument(report.totals.sums),
    unpriced: report.unpriced,
    budgets: budgets.map(budgetDocument),
    ...(days === null
      ? {}
      : {
          days: days.rows.map(({ key, sums }) => ({
            day: key,
            ...moneyDocument(sums.nanocents),
            calls: sums.calls,
          })),
        }),
  };
}

function rowDocument(row: ReportRow): object {
  const { key, period, sums, models, agents, projects, block, parts } = row;
  return {
    key,
    ...(period === null ? {} : { start: formatInstant(period.start), end: formatInstant(period.end) }),
    ...sumsDocument(sums),
    models,
    agents,
    projects,
    ...(block === null ? {} : { block: blockDocument(block) }),
    ...(parts.length === 0 ? {} : { parts: parts.map(rowDocument) }),
  };
}

function sumsDocument(sums: Sums) {
  const { calls, input, cacheRead, cacheWrite, output, reasoning, exact, partial, heuristic } = sums;
  return {
    calls,
    usage: { input, cacheRead, cacheWrite, output, reasoning },
    totalTokens: totalTokens(sums),
    ...moneyDocument(sums.unpricedCalls === calls && calls > 0 ? null : sums.nanocents),
    unpricedCalls: sums.unpricedCalls,
    confidence: { exact, partial, heuristic },
    firstAt: calls === 0 ? null : formatInstant(sums.firstAt),
    lastAt: calls === 0 ? null : formatInstant(sums.lastAt),
  };
}

function blockDocument({
  agent,
  isActive,
  remainingMs,
  elapsedMs,
  tokensPerMinute,
  nanocentsPerHour,
  projected,
}: Block) {
  return {
    agent,
    isActive,
    remainingSeconds: Math.round(remainingMs / 1000),
    elapsedSeconds: Math.round(elapsedMs / 1000),
    tokensPerMinute,
    perHour: moneyDocument(nanocentsPerHour),
    projected: projected && { totalTokens: projected.tokens, ...moneyDocument(projected.nanocents) },
  };
}

function budgetDocument({ state, since, loggedNanocents, unpricedCalls }: AgentBudget) {
  return {
    ...limitStateDocument(state),
    since: instant(since),
    logged: { ...moneyDocument(loggedNanocents), unpricedCalls },
  };
}

function instant(at: number | null): string | null {
  return at === null ? null : formatInstant(at);
}

/** One row a row of the report; where it has rows within, one for each of those. */
export function agentsCsv({ query, rows }: AgentReport): {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly CsvValue[])[];
} {
  const columns = [
    query.view === 'total' ? (query.by ?? 'agent') : keyNames[query.view],
    'part',
    ...sumNames,
  ];
  const line = (
    key: string | null,
    part: string | null,
    sums: Sums,
    models: readonly string[],
  ): CsvValue[] => {
    const { nanocents, usd } = moneyDocument(sums.unpricedCalls === sums.calls ? null : sums.nanocents);
    const {
      calls,
      input,
      cacheRead,
      cacheWrite,
      output,
      reasoning,
      unpricedCalls,
      exact,
      partial,
      heuristic,
    } = sums;
    const counts = [calls, input, cacheRead, cacheWrite, output, reasoning, totalTokens(sums)];
    return [key, part, ...counts, nanocents, usd, unpricedCalls, exact, partial, heuristic, models.join(' ')];
  };
  return {
    columns,
    rows: rows.flatMap(({ key, sums, models, parts }) =>
      parts.length === 0
        ? [line(key, null, sums, models)]
        : parts.map((part) => line(key, part.key, part.sums, part.models)),
    ),
  };
}

const keyNames = {
  daily: 'day',
  weekly: 'week',
  monthly: 'month',
  session: 'session',
  blocks: 'block',
} as const;

const sumNames = [
  'calls',
  'input',
  'cacheRead',
  'cacheWrite',
  'output',
  'reasoning',
  'totalTokens',
  'nanocents',
  'usd',
  'unpricedCalls',
  'exactCalls',
  'partialCalls',
  'heuristicCalls',
  'models',
];
