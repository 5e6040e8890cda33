import { NanocentError } from '../../errors/error.ts';
import { ModelPricingNotFoundError } from '../../errors/named.ts';
import { formatRate, formatUsd, type Rate } from '../../money/index.ts';
import { anyProvider, chargeFor, type Price } from '../../prices/index.ts';
import { parseInstant } from '../../time/index.ts';
import type { TokenCount } from '../../usage/count-tokens.ts';
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
  const at = instantFrom(given);
  if (given.has('worst')) {
    const { priceWorst } = await import('./price-worst.ts');
    await priceWorst(shell, at);
    return undefined;
  }
  const model = given.required('model', 'name a model, for example --model gpt-4o-mini');
  const prompt = await promptFrom(shell, model);
  const usage = usageFrom(given, prompt?.tokens);
  const provider = given.text('provider');
  const tier = given.text('tier')?.toLowerCase();
  const catalog = await commandPrices(shell);
  const models = given.texts('model');
  if (models.length > 1) {
    const { priceCompare } = await import('./price-compare.ts');
    await priceCompare(shell, catalog, { models, provider, usage, tier, at });
    return undefined;
  }
  const price = await findPrice(catalog, { model, provider, at });
  const pricing = chargeFor(usage, price, { terms: tier === undefined ? {} : { tier } });
  if (pricing.outcome === 'unpriced') {
    throw new ModelPricingNotFoundError(pricing.reason, {
      field: tier === undefined ? '--model' : '--tier',
      fix: `see nanocent prices show ${model}`,
    });
  }
  // A price of one's own may be that of any provider, or of any model.
  const anyone = (name: string, asked: string | null) => (name === anyProvider ? asked : name);
  const document = chargeDocument(pricing.charge, {
    model: anyone(price.model, model)!,
    provider: anyone(price.provider, provider ?? null),
    at,
  });
  await shell.report({
    json: () => ({
      schema: 'nanocent.price/1',
      ...document,
      ...(prompt === null ? {} : { counted: prompt }),
    }),
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

/** The prompt as counted here; null where none is given. */
async function promptFrom(shell: Shell, model: string): Promise<TokenCount | null> {
  const { arguments: given } = shell;
  const name = given.text('prompt-file');
  if (name === undefined) return null;
  if (given.has('input')) {
    throw new NanocentError('field_invalid', '--input and --prompt-file both say how much goes in', {
      field: '--input',
      fix: 'leave one of them out',
    });
  }
  const { countInput } = await import('../count-input.ts');
  return countInput(shell, { option: '--prompt-file', name, model });
}

/** What is not named is none of it: this is a question, not a record. */
function usageFrom(given: Arguments, prompt: number | undefined): Usage {
  const counts = Object.entries(kinds).map(([kind, option]) => [
    kind,
    given.whole(option, { min: 0, max: countMax }) ?? (kind === 'input' ? prompt : undefined),
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
  const head = `${shell.style.bold(visible(document.model))} at ${visible(document.provider ?? 'any provider')}, ${document.at.slice(0, 10)}\n`;
  const source = shell.style.dim(`${visible(price.source.url)}, checked ${price.source.checked}`);
  return `${head}${showTable(shell, columns, rows, ['Sum', '', '', amounts.at(-1)!])}${source}\n`;
}
