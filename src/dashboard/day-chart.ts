import { formatUsd, formatUsdRounded } from '../money/index.ts';
import { type Html, html } from './html.ts';
import type { DayCost } from './overview.ts';

const barWidth = 26;
const barGap = 8;
const chartHeight = 120;
/** A day with any cost at all shows something. */
const heightMin = 2;

/** Cost per day of one month, as bars; days after today stay empty. */
export function dayChart(days: readonly DayCost[], today: string): Html {
  const most = days.reduce((max, { nanocents }) => (nanocents > max ? nanocents : max), 0n);
  const width = days.length * (barWidth + barGap) - barGap;
  return html`<section>
<h2>By day, this month <span class="quiet">· up to ${formatUsdRounded(most)}</span></h2>
<svg class="days" viewBox="0 0 ${width} ${chartHeight + 18}" role="img" aria-label="Cost per day of this month, at most ${formatUsdRounded(most)}">
${days.map((day, index) => dayBar(day, index, most, today))}
</svg>
</section>`;
}

function dayBar({ day, nanocents, calls }: DayCost, index: number, most: bigint, today: string): Html {
  const x = index * (barWidth + barGap);
  const share = most === 0n ? 0 : Number((nanocents * BigInt(chartHeight)) / most);
  const height = nanocents > 0n ? Math.max(share, heightMin) : 0;
  const label = `${day}: $${formatUsd(nanocents)}, ${calls} ${calls === 1n ? 'call' : 'calls'}`;
  return html`<g><title>${label}</title><rect class="ground" x="${x}" y="0" width="${barWidth}" height="${chartHeight}"/><rect class="fill" x="${x}" y="${chartHeight - height}" width="${barWidth}" height="${height}"/><text class="${day === today ? 'now' : 'quiet'}" x="${x + barWidth / 2}" y="${chartHeight + 14}">${Number(day.slice(8))}</text></g>
`;
}
