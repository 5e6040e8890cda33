import { formatUsd } from '../../money/index.ts';
import { type Catalog, priceReading } from '../../prices/index.ts';
import { type Reading, readResponse } from '../../usage/index.ts';
import { chargeDocument } from '../charge-document.ts';
import { readInput } from '../input-text.ts';
import { commandPrices } from '../prices.ts';
import type { Shell } from '../shell.ts';
import { grouped, padTo, visible } from '../text.ts';
import { instantFrom } from './price.ts';

export async function run(shell: Shell): Promise<undefined> {
  const { arguments: given } = shell;
  const [operand = ''] = given.operands;
  const provider = given.text('provider');
  const api = given.text('api');
  const model = given.text('model');
  const at = instantFrom(given);
  const body = await readInput(shell, operand, 'FILE');
  const reading = readResponse(body, {
    ...(provider === undefined ? {} : { provider }),
    ...(api === undefined ? {} : { api }),
  });
  const document = await readingDocument(reading, await commandPrices(shell), { at, model, provider });
  await shell.report({ json: () => document, text: () => describe(shell, document) });
  if (document.charge === null && reading.model === null && model === undefined) {
    shell.note('name the model that was asked for with --model: such bodies do not say it');
  }
  return undefined;
}

interface PricedAs {
  readonly at: number;
  readonly model: string | undefined;
  readonly provider: string | undefined;
}

async function readingDocument(reading: Reading, catalog: Catalog, { at, model, provider }: PricedAs) {
  const sold = provider ?? reading.provider;
  await catalog.ready({ provider: sold });
  const pricing = priceReading(reading, catalog, {
    at,
    ...(model === undefined ? {} : { model }),
    ...(provider === undefined ? {} : { provider }),
  });
  const priced = pricing.outcome === 'priced' ? pricing : null;
  const served = reading.model ?? model ?? null;
  return {
    schema: 'nanocent.reading/1',
    provider: reading.provider,
    api: reading.api,
    model: reading.model,
    usage: reading.usage,
    basis: reading.basis,
    terms: reading.terms,
    items: reading.items.map(({ billedNanocents, ...item }) => ({
      ...item,
      ...(billedNanocents === undefined ? {} : { billedNanocents: String(billedNanocents) }),
    })),
    toolCalls: reading.toolCalls,
    responseId: reading.responseId,
    problems: reading.problems,
    charge: priced && chargeDocument(priced.charge, { model: served ?? '', provider: sold, at }),
    costSource: priced?.costSource ?? null,
    unpriced: pricing.outcome === 'unpriced' ? pricing.reason : null,
  };
}

function describe(shell: Shell, document: Awaited<ReturnType<typeof readingDocument>>): string {
  const { style } = shell;
  const { units, ...counts } = document.usage;
  const known = [...Object.entries(counts), ...Object.entries(units)].filter(([, count]) => count !== null);
  const width = Math.max(0, ...known.map(([name]) => name.length));
  const rows = known.map(
    ([name, count]) => `  ${padTo(name, width)}  ${padTo(grouped(count as number), 12, 'right')}\n`,
  );
  const items = document.items.map(
    ({ model, reason }) => `  and ${visible(reason)}${model ? ` by ${visible(model)}` : ''}\n`,
  );
  const problems = document.problems.map((problem) => `  ${style.yellow(visible(problem))}\n`);
  const cost = document.charge
    ? `$${formatUsd(BigInt(document.charge.nanocents))}${document.costSource === 'provider' ? ', as the provider billed it' : ''}`
    : `unknown: ${visible(document.unpriced ?? '')}`;
  const partial = document.basis === 'partial' ? style.yellow(' (partial)') : '';
  const head = `${style.bold(visible(document.model ?? 'model unknown'))} at ${visible(document.provider)}, ${visible(document.api)}${partial}\n`;
  return `${head}${[...rows, ...items, ...problems].join('')}${style.bold('Cost')} ${cost}\n`;
}
