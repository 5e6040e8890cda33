import {
  type AgentReport,
  agentTitles,
  type Block,
  type ReportRow,
  type Sums,
  totalTokens,
} from '../exchange/agents/index.ts';
import { formatUsdRounded } from '../money/index.ts';
import { formatInZone } from '../time/index.ts';
import type { AgentsShown } from './agent-documents.ts';
import { agentNotes, emptyAgents } from './agent-notes.ts';
import { pointsAligned } from './amounts.ts';
import { renderHeatMap } from './heat-map.ts';
import type { Shell } from './shell.ts';
import { showTable } from './show-table.ts';
import type { Cell, Column } from './table.ts';
import { grouped, wrap } from './text.ts';

/** Rows shown to a person, the latest or the dearest. */
const rowsMax = 100;

export function renderAgents(shell: Shell, shown: AgentsShown): string {
  const { report, days, home } = shown;
  if (report.totals.sums.calls === 0) return emptyAgents(shell, shown);
  const heading = wrap(headingOf(report), shell.terminal.columns).map(
    (line) => `${shell.style.bold(line)}\n`,
  );
  const calendar = days === null ? '' : `\n${renderHeatMap(shell, days)}`;
  return `${heading.join('')}\n${table(shell, report, home)}${calendar}\n${agentNotes(shell, shown)}`;
}

const headings = {
  total: 'Coding agents',
  daily: 'Coding agents by day',
  weekly: 'Coding agents by week',
  monthly: 'Coding agents by month',
  session: 'Coding agents by session',
  blocks: 'Coding agents in blocks of five hours',
} as const;

function headingOf({ query, totals }: AgentReport): string {
  const day = (at: number) => formatInZone(at, query.zone).slice(0, 10);
  const { firstAt, lastAt } = totals.sums;
  const span = day(firstAt) === day(lastAt) ? day(firstAt) : `${day(firstAt)} to ${day(lastAt)}`;
  return `${headings[query.view]}, ${span} (${query.zone})`;
}

const firstTitles = {
  daily: 'Day',
  weekly: 'Week',
  monthly: 'Month',
  session: 'Session',
  blocks: 'Block',
} as const;
const dimensionTitles = { model: 'Model', project: 'Project', agent: 'Agent' } as const;

/** A column with what it shows of a row; left out where no row has anything. */
interface Shown extends Column {
  cell(row: ReportRow, place: 'row' | 'part' | 'total'): Cell;
}

function table(shell: Shell, report: AgentReport, home: string): string {
  const { query } = report;
  const isByTime = query.view !== 'total';
  const rows = isByTime ? report.rows.slice(-rowsMax) : report.rows.slice(0, rowsMax);
  const lines = rows.flatMap((row) => [
    { row, place: 'row' as const },
    ...row.parts.map((part) => ({ row: part, place: 'part' as const })),
  ]);
  const all = [...lines.map(({ row }) => row), report.totals];
  const costs = pointsAligned(all.map(({ sums }) => costText(sums)));
  const costOf = new Map(all.map((row, index) => [row, costs[index]!]));
  const columns = [
    firstColumn(report, home),
    ...stateColumn(shell, report),
    ...middleColumns(report, home),
    { title: 'Cost', align: 'right', cell: (row) => costOf.get(row) ?? null } satisfies Shown,
    ...blockColumns(report),
  ];
  const render = (line: { row: ReportRow; place: 'row' | 'part' | 'total' }) =>
    columns.map((column) => dimmed(shell, line.place, column.cell(line.row, line.place)));
  const footer = rows.length > 1 ? render({ row: report.totals, place: 'total' }) : undefined;
  const more = report.rows.length - rows.length;
  const left = isByTime ? 'earlier' : 'more';
  const rest =
    more > 0 ? shell.style.dim(`${grouped(more)} ${left}, in the sum: --json and --csv show all\n`) : '';
  return showTable(shell, columns, lines.map(render), footer) + rest;
}

function dimmed(shell: Shell, place: string, cell: Cell): Cell {
  return place === 'part' && typeof cell === 'string' ? { text: cell, paint: shell.style.dim } : cell;
}

function firstColumn({ query, rows }: AgentReport, home: string): Shown {
  const { view, by = 'agent' } = query;
  const title = view === 'total' ? dimensionTitles[by] : firstTitles[view];
  const hasParts = rows.some(({ parts }) => parts.length > 0);
  const isLong = hasParts || view === 'session' || (view === 'total' && by !== 'agent');
  const ofRow = (key: string | null) => {
    if (view === 'session') return key ?? 'no session';
    return view === 'total' ? named(by, key, home) : key;
  };
  const within = view === 'total' ? 'model' : (query.by ?? 'model');
  return {
    title,
    ...(isLong ? { cutTo: 18 } : {}),
    cell(row, place) {
      if (place === 'total') return 'All';
      return place === 'part' ? `└ ${named(within, row.key, home)}` : ofRow(row.key);
    },
  };
}

function middleColumns(report: AgentReport, home: string): Shown[] {
  const { query, totals, rows } = report;
  const isByTime = query.view !== 'total';
  const severalAgents = totals.agents.length > 1;
  const columns: Shown[] = [];
  const count = (title: string, optional: number, of: (sums: Sums) => number): Shown => ({
    title,
    align: 'right',
    optional,
    cell: ({ sums }) => grouped(of(sums)),
  });
  if (query.view === 'blocks' && severalAgents)
    columns.push(listColumn('Agent', 2, ({ agents }) => agents.map((name) => agentTitles[name])));
  if (query.view === 'session') {
    columns.push(
      listColumn('Project', 3, ({ projects }) => projects.map((path) => shortPath(path, home))),
      {
        title: 'Last call',
        optional: 6,
        cell: ({ sums }, place) =>
          place === 'row' ? formatInZone(sums.lastAt, query.zone).slice(0, 16) : '',
      },
    );
  }
  const showsModels = query.by !== 'model' && !(query.breakdown && query.by === undefined);
  if (isByTime && severalAgents && query.view !== 'blocks') {
    columns.push(listColumn('Agents', 5, ({ agents }) => agents.map((name) => agentTitles[name])));
  }
  if (showsModels) columns.push(listColumn('Models', 4, ({ models }) => models.map(shortModel)));
  columns.push(
    count('Calls', 2, ({ calls }) => calls),
    count('Input', 7, ({ input }) => input),
    count('Output', 7, ({ output }) => output),
    count('Cache write', 7, ({ cacheWrite }) => cacheWrite),
    count('Cache read', 7, ({ cacheRead }) => cacheRead),
    count('Tokens', 1, totalTokens),
  );
  return rows.length === 0 ? [] : columns;
}

function listColumn(title: string, optional: number, of: (row: ReportRow) => readonly string[]): Shown {
  return { title, optional, cutTo: 12, cell: (row, place) => (place === 'row' ? of(row).join(', ') : '') };
}

function stateColumn({ style }: Shell, { query }: AgentReport): Shown[] {
  if (query.view !== 'blocks') return [];
  return [
    {
      title: 'State',
      cell({ block }) {
        if (block === null) return '';
        if (!block.isActive) return { text: 'ended', paint: style.dim };
        return { text: `${hoursText(block.remainingMs)} left`, paint: style.green };
      },
    },
  ];
}

function blockColumns({ query }: AgentReport): Shown[] {
  if (query.view !== 'blocks') return [];
  const ofBlock = (of: (block: Block) => Cell) => (row: ReportRow) =>
    row.block === null ? '' : of(row.block);
  return [
    {
      title: 'Tokens/min',
      align: 'right',
      optional: 5,
      cell: ofBlock(({ tokensPerMinute }) => grouped(tokensPerMinute)),
    },
    {
      title: 'Per hour',
      align: 'right',
      optional: 3,
      cell: ({ block, sums }) =>
        block === null
          ? ''
          : sums.unpricedCalls === sums.calls
            ? null
            : formatUsdRounded(block.nanocentsPerHour),
    },
  ];
}

/** Null where nothing is priced; `≥` where something is not. */
export function costText({ nanocents, unpricedCalls, calls }: Sums): string | null {
  if (unpricedCalls === calls) return null;
  return `${unpricedCalls > 0 ? '≥ ' : ''}${formatUsdRounded(nanocents)}`;
}

function named(by: 'model' | 'project' | 'agent', key: string | null, home: string): string | null {
  if (key === null) return null;
  if (by === 'agent') return agentTitles[key as keyof typeof agentTitles];
  return by === 'model' ? shortModel(key) : shortPath(key, home);
}

/** Without the day of its release. */
export function shortModel(model: string): string {
  return model.replace(/-20\d{6}$/, '');
}

const pathLengthMax = 32;

/** `~/code/site`; the last two folders of a long one. */
export function shortPath(path: string, home: string): string {
  const short = path.startsWith(`${home}/`) || path === home ? `~${path.slice(home.length)}` : path;
  if (short.length <= pathLengthMax) return short;
  return `…/${short.split(/[\\/]/).slice(-2).join('/')}`;
}

/** `2 h 05 min`, `40 min`. */
export function hoursText(milliseconds: number): string {
  const minutes = Math.max(1, Math.round(milliseconds / 60_000));
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
