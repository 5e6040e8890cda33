import type { Explanation } from '../books/explain.ts';
import type { JournalLine } from '../ledger/journal.ts';
import type { Reservation } from '../ledger/reservation.ts';
import { formatRate, formatUsd, formatUsdRounded, type Rate } from '../money/index.ts';
import { anyProvider, type Catalog, type Price } from '../prices/index.ts';
import { type Entry, promptTokens, totalTokens } from '../store/entry.ts';
import { formatInZone } from '../time/index.ts';
import { duration, pointsAligned } from './amounts.ts';
import type { Shell } from './shell.ts';
import { showTable } from './show-table.ts';
import type { Cell } from './table.ts';
import { grouped, padTo, visible } from './text.ts';

/** The price row that a charge pinned, while the catalog still has it. */
export async function priceSource(catalog: Catalog, entry: Entry | null): Promise<Price | null> {
  if (!entry?.priceId) return null;
  // A markup is part of the id, and own prices for every provider are listed at each.
  const id = entry.priceId.replace(/\*\d+\/\d+$/, '');
  const [named = ''] = id.split('/');
  const provider = named === anyProvider ? catalog.providers[0]! : named;
  if (!catalog.providers.includes(provider)) return null;
  await catalog.ready({ provider });
  const prices = catalog.models(provider).flatMap((model) => model.prices);
  return prices.find((price) => price.id === id) ?? null;
}

export function renderExplanation(
  shell: Shell,
  { entry, attempts, reservation, lines }: Explanation,
  price: Price | null,
  zone: string,
): string {
  const parts: string[] = [];
  if (entry) parts.push(facts(shell, entry, zone), chargeText(shell, entry, price));
  if (reservation) {
    const held = formatUsdRounded(reservation.admitted.cost ?? 0n);
    const state = `${reservation.state}, ${held} reserved${deadlineText(reservation, zone)}`;
    parts.push(`${shell.style.bold('Reservation')} ${reservation.id}: ${state}\n`);
  }
  if (lines.length > 0) parts.push(movements(shell, lines, zone));
  if (attempts.length > 1) parts.push(attemptsTable(shell, attempts, zone));
  return parts.join('\n');
}

/** What becomes of a hold that nobody ends. */
function deadlineText({ state, onExpire, expiresAt }: Reservation, zone: string): string {
  if (state === 'open') {
    return `, ${onExpire === 'charge' ? 'charged' : 'freed'} if nobody ends it by ${formatInZone(expiresAt, zone)}`;
  }
  if (state !== 'expired') return '';
  return onExpire === 'charge' ? ', charged as held; a settle still corrects it' : ', freed';
}

function facts(shell: Shell, entry: Entry, zone: string): string {
  const rows: readonly (readonly [string, string | null])[] = [
    ['Entry', `${entry.id} (${entry.kind})`],
    ['Call', entry.callId === entry.id ? null : entry.callId],
    ['Time', `${formatInZone(entry.at, zone)} ${zone}`],
    ['Model', entry.provider === null ? entry.model : `${entry.model} at ${entry.provider}`],
    ['Asked for', entry.requestedModel === entry.model ? null : entry.requestedModel],
    ['Endpoint', entry.endpoint],
    ['User', entry.username],
    ['Caller', entry.caller],
    ['Project', entry.project],
    ['Session', entry.session],
    ['Purpose', entry.purpose],
    ['Key', entry.key],
    [
      'Tags',
      Object.entries(entry.tags)
        .map(([name, value]) => `${name}=${value}`)
        .join(', ') || null,
    ],
    ['Prompt', withLocal(promptTokens(entry.usage), entry.localPromptTokens)],
    ['Completion', withLocal(entry.usage.output, entry.localCompletionTokens)],
    ['Total', withLocal(totalTokens(entry), entry.localTotalTokens)],
    ['Took', entry.executionMicroseconds === null ? null : duration(entry.executionMicroseconds / 1e6)],
    ['Counts', entry.basis],
  ];
  return rows
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${shell.style.dim(padTo(name, 11))} ${visible(value!)}\n`)
    .join('');
}

/** `1,012; 1,000 counted here (−12)`. */
function withLocal(count: number | null, local: number | null): string | null {
  if (local === null) return count === null ? null : grouped(count);
  if (count === null) return `unknown; ${grouped(local)} counted here`;
  const difference = local - count;
  const sign = difference < 0 ? '−' : '+';
  const apart = difference === 0 ? 'the same' : `${sign}${grouped(Math.abs(difference))}`;
  return `${grouped(count)}; ${grouped(local)} counted here (${apart})`;
}

interface StoredLine {
  readonly model?: string;
  readonly unit: string;
  readonly quantity: number;
  readonly rateNanocentsPerMillion: string;
  readonly nanocents: string;
}

const costWords: Readonly<Record<Entry['costSource'], string>> = {
  given: 'given by the caller',
  priced: 'computed',
  provider: 'as the provider billed it',
  unpriced: 'unknown',
};

function chargeText(shell: Shell, entry: Entry, price: Price | null): string {
  const { style } = shell;
  if (entry.nanocents === null)
    return `${style.bold('Cost')} unknown: ${visible(entry.remark ?? 'no price')}\n`;
  const head = `${style.bold('Cost')} $${formatUsd(entry.nanocents)} (${entry.nanocents} nanocents), ${costWords[entry.costSource]}\n`;
  const lines = entry.charge === null ? [] : (JSON.parse(entry.charge) as StoredLine[]);
  if (lines.length === 0) return head;
  const amounts = pointsAligned([
    ...lines.map((line) => `$${formatUsd(BigInt(line.nanocents))}`),
    `$${formatUsd(entry.nanocents)}`,
  ]);
  const rates = pointsAligned(
    lines.map((line) => `$${formatRate(BigInt(line.rateNanocentsPerMillion) as Rate)}`),
  );
  const rows = lines.map((line, index): Cell[] => [
    line.model === undefined ? line.unit : `${line.unit} (${line.model})`,
    grouped(line.quantity),
    rates[index]!,
    amounts[index]!,
  ]);
  const columns = [
    { title: 'Unit', cutTo: 12 },
    { title: 'Quantity', align: 'right' as const },
    { title: 'Per million', align: 'right' as const },
    { title: 'Amount', align: 'right' as const },
  ];
  const source = price ? `  ${visible(price.source.url)}, checked ${price.source.checked}\n` : '';
  return `${head}${showTable(shell, columns, rows, ['Sum', '', '', amounts.at(-1)!])}${style.dim(`price ${visible(entry.priceId ?? '')}`)}\n${style.dim(source)}`;
}

function movements(shell: Shell, lines: readonly JournalLine[], zone: string): string {
  const money = (amount: bigint) => (amount === 0n ? null : formatUsdRounded(amount));
  const columns = [
    { title: `Booked (${zone})` },
    { title: 'Movement' },
    { title: 'Posted', align: 'right' as const },
    { title: 'Held', align: 'right' as const },
    { title: 'Line', align: 'right' as const, optional: 1 },
  ];
  const rows = lines.map((line): Cell[] => [
    formatInZone(line.at, zone),
    line.kind,
    money(line.amount),
    money(line.held),
    String(line.position),
  ]);
  return showTable(shell, columns, rows);
}

function attemptsTable(shell: Shell, attempts: readonly Entry[], zone: string): string {
  const columns = [
    { title: `Rows of this call (${zone})` },
    { title: 'Kind' },
    { title: 'Model', cutTo: 12 },
    { title: 'Cost', align: 'right' as const },
    { title: 'Id', optional: 1 },
  ];
  const rows = attempts.map((entry): Cell[] => [
    formatInZone(entry.at, zone),
    entry.kind,
    entry.model,
    entry.nanocents === null ? null : formatUsdRounded(entry.nanocents),
    entry.id,
  ]);
  return showTable(shell, columns, rows);
}
