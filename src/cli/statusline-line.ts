import { type Block, burnRate } from '../exchange/current-block.ts';
import { formatUsdRounded } from '../money/index.ts';
import type { StatuslineInput } from './statusline-input.ts';
import type { Paint, Style } from './style.ts';
import { cutTo, visible, widthOf } from './text.ts';

export interface Spending {
  /** Of the session, by its log. */
  readonly session: bigint | null;
  readonly today: bigint;
  /** Calls of today without a known price: the sum is too low by theirs. */
  readonly unpriced: number;
  readonly block: Block | null;
}

export interface Budget {
  readonly left: bigint;
  readonly max: bigint;
}

export interface StatuslineView {
  readonly input: StatuslineInput;
  readonly spending: Spending | null;
  readonly budget: Budget | null;
  readonly now: number;
}

/** A part of the line; where there is no room the highest `optional` goes first. */
interface Part {
  readonly text: string;
  readonly paint?: Paint;
  readonly optional: number;
}

const between = ' · ';

/** One line, at most `width` columns. */
export function statusline(view: StatuslineView, style: Style, width: number): string {
  let parts = partsOf(view, style);
  while (parts.length > 1 && widthOfParts(parts) > width) {
    const last = Math.max(...parts.map((part) => part.optional));
    parts = parts.filter((part) => part.optional !== last);
  }
  return parts
    .map(({ text, paint = (one) => one }) => paint(cutTo(text, Math.max(1, width))))
    .join(style.dim(between));
}

function widthOfParts(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + widthOf(part.text), widthOf(between) * (parts.length - 1));
}

function partsOf({ input, spending, budget, now }: StatuslineView, style: Style): Part[] {
  const parts: Part[] = [{ text: visible(input.modelName ?? 'no model'), paint: style.bold, optional: 0 }];
  const session = input.sessionNanocents ?? spending?.session ?? null;
  if (session !== null) parts.push({ text: `${usd(session)} session`, optional: 1 });
  if (spending !== null) {
    const more = spending.unpriced > 0 ? '+' : '';
    parts.push({ text: `${usd(spending.today)}${more} today`, optional: 2 });
    if (spending.block !== null) parts.push(...blockParts(spending.block, now, style));
  }
  if (budget !== null) {
    const share = budget.max === 0n ? 0 : Number((budget.left * 100n) / budget.max);
    const paint = share < 10 ? style.red : share < 25 ? style.yellow : style.green;
    parts.push({ text: `${usd(budget.left)} of ${usd(budget.max)} left`, paint, optional: 3 });
  }
  if (input.contextPercent !== null) {
    const { contextPercent: share } = input;
    const paint = share >= 80 ? style.red : share >= 50 ? style.yellow : style.green;
    parts.push({ text: `context ${share}%`, paint, optional: 4 });
  }
  return parts;
}

function blockParts(block: Block, now: number, style: Style): Part[] {
  const more = block.unpriced > 0 ? '+' : '';
  const parts: Part[] = [
    { text: `${usd(block.nanocents)}${more} block, ${timeLeft(block.end - now)} left`, optional: 5 },
  ];
  const rate = burnRate(block, now);
  if (rate !== null) parts.push({ text: `${usd(rate)}/h`, paint: style.yellow, optional: 6 });
  return parts;
}

/** Small sums to the cent: a prompt is no ledger. What is not zero is never shown as zero. */
function usd(amount: bigint): string {
  const cent = 1_000_000_000n;
  return amount > 0n && amount < cent ? '<$0.01' : formatUsdRounded(((amount + cent / 2n) / cent) * cent);
}

/** `2h 45m`, `45m`. */
function timeLeft(ms: number): string {
  const minutes = Math.max(0, Math.ceil(ms / 60_000));
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes}m` : `${hours}h ${String(minutes % 60).padStart(2, '0')}m`;
}
