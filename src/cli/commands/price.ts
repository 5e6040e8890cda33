import { NanocentError } from '../../errors/error.ts';
import { formatRate, formatUsd, type Rate } from '../../money/index.ts';
import { chargeFor, type Price } from '../../prices/index.ts';
import { parseInstant } from '../../time/index.ts';
import { countMax, type Usage, unknownUsage } from '../../usage/usage.ts';
import { pointsAligned } from '../amounts.ts';
import type { Arguments } from '../arguments.ts';
import { chargeDocument } from '../charge-document.ts';
import { findPrice } from '../find-price.ts';
import { commandPrices } from '../prices.ts';
import type { Shell } from '../shell.ts';
import { showTable } from '../show-table.ts';
import type { Cell } from '../table.ts';
import { grouped, visible } from '../text.ts';

export async function run(shell: Shell): Promise<undefined> {
  const { arguments: given } = shell;
  const model = given.required('model', 'name a model, for example --model gpt-4o-mini');
  const usage = usageFrom(given);
  const at = instantFrom(given);
  const price = await findPrice(await commandPrices(shell), { model, provider: given.text('provider'), at });
  const tier = given.text('tier')?.toLowerCase();
  const pricing = chargeFor(usage, price, { terms: tier === undefined ? {} : { tier } });
  if (pricing.outcome === 'unpriced') {
    throw new NanocentError('price_not_found', pricing.reason, {
      field: tier === undefined ? '--model' : '--tier',
      fix: `see nanocent prices show ${model}`,
    });
  }
  const document = chargeDocument(pricing.charge, { model: price.model, provider: price.provider, at });
  await shell.report({
    json: () => ({ schema: 'nanocent.price/1', ...document }),
    csv: () => ({
      columns: ['unit', 'quantity', 'rateNanocentsPerMillion', 'nanocents'],
      rows: document.lines.map((line) => [
        line.unit,
        line.quantity,
        line.rateNanocentsPerMillion,
        line.nanocents,
      ]),
    }),
    text: () => describe(shell, document, price),
  });
  return undefined;
}

export function instantFrom(given: Arguments): number {
  const at = given.text('at');
  return at === undefined ? Date.now() : parseInstant(at, { field: '--at' });
}

const kinds = {
  input: 'input',
  output: 'output',
  cacheRead: 'cache-read',
  cacheWrite5m: 'cache-write-5m',
  cacheWrite1h: 'cache-write-1h',
} as const;

/** What is not named is none of it: this is a question, not a record. */
function usageFrom(given: Arguments): Usage {
  const counts = Object.entries(kinds).map(([kind, option]) => [
    kind,
    given.whole(option, { min: 0, max: countMax }),
  ]);
  if (counts.every(([, count]) => count === undefined)) {
    throw new NanocentError('field_missing', 'there is nothing to price', {
      field: '--input',
      fix: 'give token counts, for example --input 1000 --output 500',
    });
  }
  const known = counts.map(([kind, count]) => [kind, count ?? 0]);
  return { ...unknownUsage, cacheWrite: 0, reasoning: 0, ...Object.fromEntries(known) };
}

function describe(shell: Shell, document: ReturnType<typeof chargeDocument>, price: Price): string {
  const { lines } = document;
  const amounts = pointsAligned([
    ...lines.map((line) => `$${formatUsd(BigInt(line.nanocents))}`),
    `$${formatUsd(BigInt(document.nanocents))}`,
  ]);
  const rates = pointsAligned(
    lines.map((line) => `$${formatRate(BigInt(line.rateNanocentsPerMillion) as Rate)}`),
  );
  const columns = [
    { title: 'Unit' },
    { title: 'Tokens', align: 'right' as const },
    { title: 'Per million', align: 'right' as const },
    { title: 'Amount', align: 'right' as const },
  ];
  const rows = lines.map((line, index): Cell[] => [
    line.unit,
    grouped(line.quantity),
    rates[index]!,
    amounts[index]!,
  ]);
  const head = `${shell.style.bold(visible(document.model))} at ${visible(document.provider)}, ${document.at.slice(0, 10)}\n`;
  const source = shell.style.dim(`${visible(price.source.url)}, checked ${price.source.checked}`);
  return `${head}${showTable(shell, columns, rows, ['Sum', '', '', amounts.at(-1)!])}${source}\n`;
}
