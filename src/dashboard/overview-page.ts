import { formatUsd, formatUsdRounded } from '../money/index.ts';
import type { StatsGroup } from '../reports/index.ts';
import { type Entry, promptTokens } from '../store/entry.ts';
import type { Totals } from '../store/query.ts';
import { formatInZone } from '../time/index.ts';
import { dayChart } from './day-chart.ts';
import { type Html, html } from './html.ts';
import type { Overview } from './overview.ts';

/** Rows of a table of groups; the rest is summed up in one. */
const groupRowsMax = 12;

/** The whole page. `address` is where the reader reached it, for the line to copy. */
export function overviewPage(overview: Overview, address: string): string {
  const { zone, at, location } = overview;
  const empty = overview.recent.length === 0 && overview.held.calls === 0;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>LLM usage · Nanocent</title>
<link rel="stylesheet" href="/-/llm-usage/style.css">
</head>
<body>
<header>
<h1>LLM usage</h1>
<p class="quiet">${location} · ${clockText(at, zone)} ${zone}</p>
</header>
<main>
${empty ? firstSteps(address) : body(overview)}
</main>
<footer class="quiet"><p>Nanocent · amounts come from the ledger, to the nanocent; point at one to see all of it.</p></footer>
</body>
</html>
`.html;
}

function body(overview: Overview): Html {
  return html`${tiles(overview)}
${dayChart(overview.days, formatInZone(overview.at, overview.zone).slice(0, 10))}
<div class="pair">
${groupTable('By model', 'Model', overview.byModel, overview.thisMonth)}
${groupTable('By user', 'User', overview.byUser, overview.thisMonth)}
</div>
${recentTable(overview)}`;
}

function tiles({ today, thisMonth, held }: Overview): Html {
  const open = `${held.calls}${held.more ? '+' : ''} ${held.calls === 1 ? 'call' : 'calls'} in flight`;
  return html`<section class="tiles" aria-label="Totals">
${tile('Today', money(today.nanocents), callsText(today))}
${tile('This month', money(thisMonth.nanocents), callsText(thisMonth))}
${tile('Held now', money(held.nanocents), open)}
${tile('Without a price', unpricedShare(thisMonth), 'of this month’s calls')}
</section>`;
}

function tile(name: string, value: Html, note: string): Html {
  return html`<div class="tile"><h2>${name}</h2><p class="value">${value}</p><p class="quiet">${note}</p></div>`;
}

function unpricedShare({ calls, unpricedCalls }: Totals): Html {
  if (unpricedCalls === 0n) return html`0 %`;
  const tenths = (unpricedCalls * 1000n) / calls;
  const text = tenths === 0n ? '< 0.1' : `${tenths / 10n}.${tenths % 10n}`;
  return html`<span class="warn" title="${count(unpricedCalls)} of ${count(calls)} calls">${text} %</span>`;
}

function groupTable(title: string, head: string, groups: readonly StatsGroup[], whole: Totals): Html {
  const shown = groups.slice(0, groupRowsMax);
  const rest = groups.length - shown.length;
  return html`<section>
<h2>${title}, this month</h2>
<div class="scroll"><table>
<thead><tr><th scope="col">${head}</th><th scope="col" class="number">Calls</th><th scope="col" class="number">Input</th><th scope="col" class="number">Output</th><th scope="col" class="number">Cost</th><th scope="col"><span class="unseen">Share</span></th></tr></thead>
<tbody>
${shown.map((group) => groupRow(group, whole))}
</tbody>
</table></div>
${rest > 0 ? html`<p class="quiet">and ${rest} more</p>` : ''}
</section>`;
}

function groupRow({ key, totals }: StatsGroup, whole: Totals): Html {
  const share = whole.nanocents === 0n ? 0n : (totals.nanocents * 100n) / whole.nanocents;
  return html`<tr><th scope="row">${name(key)}</th><td class="number">${count(totals.calls)}</td><td class="number">${count(totals.promptTokens)}</td><td class="number">${count(totals.output)}</td><td class="number">${groupCost(totals)}</td><td><svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="${share} % of the cost"><rect class="track" width="100" height="8"/><rect class="fill" width="${share}" height="8"/></svg></td></tr>
`;
}

/** What is not known is never shown as nothing. */
function groupCost({ nanocents, calls, unpricedCalls }: Totals): Html {
  if (unpricedCalls === 0n) return money(nanocents);
  if (unpricedCalls === calls) return html`<span class="warn">no price</span>`;
  const title = `and ${count(unpricedCalls)} of ${count(calls)} calls without a price`;
  return html`${money(nanocents)} <span class="warn" title="${title}">+ ?</span>`;
}

function recentTable({ recent, zone }: Overview): Html {
  return html`<section>
<h2>Latest calls</h2>
<div class="scroll"><table>
<thead><tr><th scope="col">Time</th><th scope="col">Model</th><th scope="col">User</th><th scope="col">Purpose</th><th scope="col" class="number">Input</th><th scope="col" class="number">Output</th><th scope="col" class="number">Cost</th><th scope="col">Known from</th><th scope="col" class="number">Took</th></tr></thead>
<tbody>
${recent.map((entry) => recentRow(entry, zone))}
</tbody>
</table></div>
</section>`;
}

function recentRow(entry: Entry, zone: string): Html {
  const cost =
    entry.nanocents === null
      ? html`<span class="warn" title="${entry.remark}">no price</span>`
      : money(entry.nanocents);
  return html`<tr><td class="time">${clockText(entry.at, zone)}</td><th scope="row">${name(entry.model)}</th><td>${name(entry.username)}</td><td>${name(entry.purpose)}</td><td class="number">${known(promptTokens(entry.usage))}</td><td class="number">${known(entry.usage.output)}</td><td class="number">${cost}</td><td>${basis(entry)}</td><td class="number">${duration(entry.executionMicroseconds)}</td></tr>
`;
}

/** How sure the amount is: what the provider said needs no mark. */
function basis(entry: Entry): Html {
  if (entry.basis === 'provider') return html`<span class="quiet">provider</span>`;
  return html`<span class="warn" title="${entry.remark}">${entry.basis}</span>`;
}

function firstSteps(address: string): Html {
  return html`<section class="first">
<h2>No calls yet</h2>
<p>Send one through the gateway and load this page again. With <code>serve --demo</code> no key is needed:</p>
<pre><code>curl ${address}/demo/v1/chat/completions \\
  -H 'content-type: application/json' -H 'x-nanocent-user: me' \\
  -d '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}'</code></pre>
<p>For a real provider use <code>${address}/v1</code> as the base URL of OpenAI’s client, or <code>${address}</code> for Anthropic’s.</p>
</section>`;
}

function name(value: string | null): Html {
  return value === null ? html`<span class="quiet">–</span>` : html`${value}`;
}

function money(nanocents: bigint): Html {
  return html`<span title="$${formatUsd(nanocents)}">${formatUsdRounded(nanocents)}</span>`;
}

function callsText({ calls }: Totals): string {
  return `${count(calls)} ${calls === 1n ? 'call' : 'calls'}`;
}

function count(value: bigint | number): string {
  return value.toLocaleString('en-US');
}

function known(value: number | null): Html {
  return value === null ? html`<span class="quiet" title="not known">?</span>` : html`${count(value)}`;
}

function duration(microseconds: number | null): Html {
  if (microseconds === null) return html`<span class="quiet">–</span>`;
  const ms = Math.round(microseconds / 1000);
  return ms < 1000 ? html`${ms} ms` : html`${(ms / 1000).toFixed(1)} s`;
}

function clockText(at: number, zone: string): string {
  return formatInZone(at, zone).slice(0, 19).replace('T', ' ');
}
