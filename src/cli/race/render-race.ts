import { formatUsdRounded } from '../../money/index.ts';
import type { Paint, Style } from '../style.ts';
import { renderTable } from '../table.ts';
import { grouped, wrap } from '../text.ts';
import { budgetNanocents, callers, holdMs, processes } from './plan.ts';
import type { RaceResult, RaceState, Tally } from './referee.ts';

const nameCells = 15;
const barCellsMax = 48;
/** What stands behind a bar: two amounts with a word each. */
const figureCells = 28;
/** A bar shows this much of the budget, so that what goes over it is seen. */
const shownPercent = 150n;

/** The race as it is now: the bars, and a line of figures. Every line fits the width. */
export function raceLines(state: RaceState, width: number, style: Style): string[] {
  return [...raceBars(state, width, style), ...wrap(progressOf(state), width)];
}

/** A heading, and a bar for each contest. */
export function raceBars(state: RaceState, width: number, style: Style): string[] {
  const cells = Math.max(9, Math.min(barCellsMax, width - nameCells - figureCells - 2));
  const { nanocent, model } = state.tallies;
  const over = model.booked > budgetNanocents ? model.booked - budgetNanocents : 0n;
  const line = (name: string, tally: Tally, figures: string) =>
    `${name.padEnd(nameCells)}${bar(tally, cells, style)}  ${figures}`;
  const kept = `${usd(nanocent.booked)} spent  ${usd(nanocent.held)} held`;
  const added = `${usd(model.booked)} spent${over > 0n ? `  ${usd(over)} over` : ''}`;
  return [
    ...wrap(headline(), width),
    '',
    line('Nanocent', nanocent, kept),
    line('check-then-act', model, over > 0n ? style.red(added) : added),
    style.dim('(a model)'.padEnd(nameCells) + budgetMark(cells)),
  ];
}

/** One line of the same, for where nothing can be drawn. */
export function raceLine(state: RaceState): string {
  const { nanocent, model } = state.tallies;
  const parts = [
    `${seconds(state.elapsedMs)} s: Nanocent ${usd(nanocent.booked)} spent, ${usd(nanocent.held)} held`,
    `check-then-act (a model) ${usd(model.booked)} spent`,
    ...killedText(state),
  ];
  return parts.join('; ');
}

/** The figures in the end, and what the books say. */
export function raceReport(result: RaceResult, width: number, style: Style): string {
  const { nanocent, model } = result.tallies;
  const money = (amount: bigint, paint?: Paint) =>
    paint ? { text: usd(amount), paint } : { text: usd(amount), paint: (text: string) => text };
  const over = (amount: bigint) => {
    const above = amount > budgetNanocents ? amount - budgetNanocents : 0n;
    return money(above, above > 0n ? style.red : style.green);
  };
  const unbooked = (tally: Tally) => {
    const missing = tally.billed > tally.booked ? tally.billed - tally.booked : 0n;
    return money(missing, missing > 0n ? style.red : style.green);
  };
  const table = renderTable(
    [
      { title: '' },
      { title: 'Nanocent', align: 'right' },
      { title: 'check-then-act (a model)', align: 'right' },
    ],
    [
      ['calls made', grouped(nanocent.sent), grouped(model.sent)],
      ['callers turned away', grouped(nanocent.refused), grouped(model.refused)],
      ["the provider's bill", money(nanocent.billed), money(model.billed)],
      ['in the books', money(nanocent.booked), money(model.booked)],
      ['billed, over the budget', over(nanocent.billed), over(model.billed)],
      ['billed, not in the books', unbooked(nanocent), unbooked(model)],
    ],
    { width, style },
  );
  return `${table.text}\n${[...conclusions(result, style)].flatMap((text) => wrap(text, width)).join('\n')}\n`;
}

function* conclusions(result: RaceResult, style: Style): Generator<string> {
  const { verification, orphans, looks, highest } = result;
  yield `${seconds(result.elapsedMs)} s; ${killedText(result).join('')}.`;
  if (orphans.count > 0) {
    yield `What it held (${grouped(orphans.count)} holds, ${usd(orphans.nanocents)}) was charged ${holdMs / 1000} s after each ` +
      'reserve, by whoever was there: a call that was sent is never booked as nothing.';
  }
  yield `Spent and held were read ${grouped(looks)} times: never above ${formatUsdRounded(highest, { digits: 4 })} of ${usd(budgetNanocents)}.`;
  yield verification.balanced
    ? `${style.green('balanced:')} ${grouped(verification.lines)} journal lines rebuild every balance.`
    : `${style.red('not balanced:')} ${verification.differences.join('; ')}`;
}

function headline(): string {
  return `${grouped(callers)} callers in ${processes} processes, one budget of ${usd(budgetNanocents)}; the provider is played here`;
}

function progressOf(state: RaceState): string {
  const { sent, refused } = state.tallies.nanocent;
  const counts = `${seconds(state.elapsedMs)} s  ${grouped(sent)} calls made, ${grouped(refused)} turned away`;
  return [counts, ...killedText(state)].join('; ');
}

function killedText({ killed }: RaceState): string[] {
  if (killed === null) return [];
  return [
    `process ${killed.process + 1} was killed at ${seconds(killed.atMs)} s with its ${killed.callers} callers`,
  ];
}

function bar(tally: Tally, cells: number, style: Style): string {
  const upTo = (amount: bigint) => {
    const cell = Number((amount * BigInt(cells) * 100n) / (budgetNanocents * shownPercent));
    return Math.min(cells, cell);
  };
  const [spent, taken, budget] = [tally.booked, tally.booked + tally.held, budgetNanocents].map(upTo) as [
    number,
    number,
    number,
  ];
  const within = Math.min(spent, budget);
  return (
    style.green('█'.repeat(within)) +
    style.red('█'.repeat(spent - within)) +
    style.yellow('▒'.repeat(taken - spent)) +
    style.dim('·'.repeat(cells - taken))
  );
}

function budgetMark(cells: number): string {
  const at = Number((BigInt(cells) * 100n) / shownPercent);
  return `${'^'.padStart(at)} ${usd(budgetNanocents)}`;
}

function usd(nanocents: bigint): string {
  return formatUsdRounded(nanocents, { digits: 2 });
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
