import type { AgentReport } from '../exchange/agents/index.ts';
import { formatUsdRounded } from '../money/index.ts';
import { formatInZone } from '../time/index.ts';
import type { Shell } from './shell.ts';

const weeksMax = 53;
const dayMs = 86_400_000;
const weekdays = ['Mon', '', 'Wed', '', 'Fri', '', 'Sun'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** From no calls to the dearest quarter of the days; told apart without colours too. */
const shades = ['·', '░', '▒', '▓', '█'];
const unpricedShade = '?';

/** Weeks as columns up to today, as many as fit; the darker, the dearer among the days with calls. */
export function renderHeatMap(shell: Shell, days: AgentReport): string {
  const { style, terminal } = shell;
  const today = wallDay(formatInZone(days.query.now, days.query.zone));
  const weeks = Math.max(1, Math.min(weeksMax, Math.floor((Math.min(terminal.columns, 400) - 4) / 2)));
  // Monday of the first week; 1970-01-05 was one.
  const first = today - ((today - 4 + 7) % 7) - (weeks - 1) * 7;
  const costs = new Map(days.rows.map(({ key, sums }) => [wallDay(key!), sums]));
  const shadeOf = openShades(days);
  const paint = (shade: string) =>
    shade === shades[0]
      ? style.dim(shade)
      : shade === unpricedShade
        ? style.yellow(shade)
        : style.green(shade);
  const lines = weekdays.map((name, weekday) => {
    let line = style.dim(name.padEnd(4));
    for (let week = 0; week < weeks; week += 1) {
      const day = first + week * 7 + weekday;
      if (day <= today) line += `${paint(shadeOf(costs.get(day)))} `;
    }
    return `${line.trimEnd()}\n`;
  });
  const legend = `${' '.repeat(4)}no calls ${paint(shades[0]!)}   from cheap ${shades.slice(1).map(paint).join(' ')} to dear`;
  return `${style.dim(monthLine(first, weeks))}\n${lines.join('')}${legend}${dearestDay(days)}\n`;
}

/** Days since 1970 of a local date. */
function wallDay(text: string): number {
  return Date.parse(`${text.slice(0, 10)}T00:00:00Z`) / dayMs;
}

type DaySums = AgentReport['rows'][number]['sums'];

function openShades({ rows }: AgentReport): (sums: DaySums | undefined) => string {
  const priced = rows.map(({ sums }) => sums.nanocents).filter((cost) => cost > 0n);
  const sorted = priced.sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
  const bounds = [1, 2, 3].map((quarter) => sorted[Math.floor((sorted.length * quarter) / 4)] ?? 0n);
  return (sums) => {
    if (sums === undefined) return shades[0]!;
    if (sums.nanocents === 0n) return sums.unpricedCalls > 0 ? unpricedShade : shades[1]!;
    return shades[1 + bounds.filter((bound) => sums.nanocents >= bound && sorted.length > 1).length]!;
  };
}

/** Each month over the week in which it begins. */
function monthLine(first: number, weeks: number): string {
  let line = ' '.repeat(4);
  for (let week = 0; week < weeks; week += 1) {
    const last = new Date((first + week * 7 + 6) * dayMs);
    const begins = last.getUTCDate() <= 7 || week === 0;
    const at = 4 + week * 2;
    if (begins && at >= line.trimEnd().length + (week === 0 ? 0 : 1))
      line = `${line.padEnd(at)}${months[last.getUTCMonth()]}`;
  }
  return line.trimEnd();
}

function dearestDay({ rows }: AgentReport): string {
  const dearest = rows.reduce(
    (most, row) => (row.sums.nanocents > most.sums.nanocents ? row : most),
    rows[0]!,
  );
  return `\n${' '.repeat(4)}dearest ${dearest.key} ${formatUsdRounded(dearest.sums.nanocents)}`;
}
