// node scripts/compared.ts: plays the models of test/proofs/peers.ts and writes their table into docs/compared.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatUsdRounded } from '../src/money/format-money.ts';
import { type Outcome, setting, spendAll, ways } from '../test/proofs/peers.ts';

const page = join(import.meta.dirname, '../docs/compared.md');
const marks = ['<!-- written by scripts/compared.ts -->\n', '<!-- end -->\n'] as const;
/** Runs of each way; seeds count from 1. */
const runs = 40;

/** docs/compared.md as it should be: its own words, and the table as the models make it. */
export async function pageWithTable(): Promise<{ readonly now: string; readonly wanted: string }> {
  const now = readFileSync(page, 'utf8');
  const [begin, end] = [now.indexOf(marks[0]) + marks[0].length, now.indexOf(marks[1])];
  return { now, wanted: `${now.slice(0, begin)}\n${await table()}\n${now.slice(end)}` };
}

async function table(): Promise<string> {
  const rows = [
    ['algorithm (a model of it)', 'who describes one like it', 'limit', 'spent', 'over', 'lost', 'stuck'],
    ['---', '---', '--:', '--:', '--:', '--:', '--:'],
  ];
  for (const way of ways) {
    const outcomes: Outcome[] = [];
    for (let seed = 1; seed <= runs; seed++) outcomes.push(await spendAll(way, seed));
    const shown = (['spent', 'over', 'lost', 'stuck'] as const).map((of) =>
      range(outcomes.map((one) => one[of])),
    );
    rows.push([way.name, way.like ?? '–', formatUsdRounded(setting.limit), ...shown]);
  }
  return rows.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** The middle of all runs and the worst of them; one figure where they are the same. */
function range(amounts: readonly bigint[]): string {
  const sorted = [...amounts].sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
  const middle = formatUsdRounded(sorted[sorted.length >> 1]!);
  const worst = formatUsdRounded(sorted.at(-1)!);
  return middle === worst ? middle : `${middle}, up to ${worst}`;
}

if (import.meta.main) writeFileSync(page, (await pageWithTable()).wanted);
