import { statsDocument } from '../../books/documents.ts';
import { NanocentError } from '../../errors/error.ts';
import type { StatsQuery } from '../../reports/period-stats.ts';
import {
  customPeriod,
  formatInZone,
  type Period,
  type PeriodName,
  parseInstant,
  periodOf,
} from '../../time/index.ts';
import type { Arguments } from '../arguments.ts';
import { filterFrom } from '../attribution.ts';
import { monthForecastDocument, monthForecastText } from '../month-forecast.ts';
import type { Shell } from '../shell.ts';
import { renderStats, statsCsv } from '../stats-report.ts';
import { wrap } from '../text.ts';

const names = ['daily', 'weekly', 'monthly', 'yearly'] as const;

export async function run(shell: Shell): Promise<undefined> {
  const asked = askedPeriod(shell.arguments);
  const by = groupFrom(shell.arguments);
  const filter = filterFrom(shell.arguments);
  const books = await shell.books();
  const { clock, zone } = books.context;
  const period = periodFrom(shell.arguments, asked, clock.now(), zone);
  const stats = await books.periodStats({ period, by, filter });
  const forecast = asked === 'monthly' ? await books.forecast(filter) : null;
  await shell.report({
    json: () => ({
      ...statsDocument(stats, zone),
      ...(forecast && { forecast: monthForecastDocument(forecast) }),
    }),
    csv: () => statsCsv(stats),
    text: () => {
      const text = renderStats(shell, stats, headingOf(asked, period, zone), Object.keys(filter).length > 0);
      if (!forecast || stats.totals.entries === 0n) return text;
      const lines = wrap(monthForecastText(forecast), shell.terminal.columns);
      return `${text}\n${lines.map((line) => `${shell.style.dim(line)}\n`).join('')}`;
    },
  });
  return undefined;
}

type Asked = PeriodName | 'custom';

function askedPeriod(given: Arguments): Asked {
  const asked: Asked[] = names.filter((name) => given.has(name));
  const period = given.text('period')?.toLowerCase() as PeriodName | undefined;
  if (period) asked.push(period);
  if (given.has('start') || given.has('end')) asked.push('custom');
  if (asked.length <= 1) return asked[0] ?? 'monthly';
  throw new NanocentError('field_invalid', `${asked.length} periods are asked for at once`, {
    field: '--period',
    fix: 'give one of --daily, --weekly, --monthly, --yearly, or --start and --end',
  });
}

function periodFrom(given: Arguments, asked: Asked, now: number, zone: string): Period {
  if (asked !== 'custom') return periodOf(asked, now, zone);
  const start = given.text('start');
  const end = given.text('end');
  if (start === undefined) {
    throw new NanocentError('field_missing', '--end needs a --start', {
      field: '--start',
      fix: 'say from when on, for example --start 2026-01-01',
    });
  }
  if (end !== undefined) return inOptions(() => customPeriod(start, end, zone));
  const from = parseInstant(start, { zone, field: '--start' });
  if (from <= now) return { start: from, end: now + 1 };
  throw new NanocentError('time_invalid', `--start ${start} is in the future`, {
    field: '--start',
    fix: 'give an earlier time, or an --end after it',
  });
}

/** The clock of periods calls its ends `start` and `end`. */
function inOptions<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!NanocentError.is(error) || error.field === undefined) throw error;
    const message = error.message.replace(/^(start|end)\b/, '--$1');
    throw new NanocentError(error.code, message, {
      field: `--${error.field}`,
      ...(error.fix === undefined ? {} : { fix: error.fix }),
    });
  }
}

function groupFrom(given: Arguments): NonNullable<StatsQuery['by']> {
  const by = given.text('by')?.toLowerCase();
  if (by === undefined) return 'model';
  return by === 'user' ? 'username' : (by as NonNullable<StatsQuery['by']>);
}

const titles: Readonly<Record<Asked, string>> = {
  daily: 'Today',
  weekly: 'This week',
  monthly: 'This month',
  yearly: 'This year',
  custom: 'Period',
};

/** `Today, 2026-11-22 (UTC)`; whole days are shown without their times. */
function headingOf(asked: Asked, { start, end }: Period, zone: string): string {
  const from = formatInZone(start, zone);
  const last = formatInZone(end - 1, zone);
  const wholeDays = from.endsWith(' 00:00:00') && formatInZone(end, zone).endsWith(' 00:00:00');
  const cut = (text: string) => (wholeDays ? text.slice(0, 10) : text);
  const span = cut(from) === cut(last) ? cut(from) : `${cut(from)} to ${cut(last)}`;
  return `${titles[asked]}, ${span} (${zone})`;
}
