import { NanocentError } from '../../errors/error.ts';
import { nearest } from '../../errors/nearest.ts';
import { formatRate, formatUsd, type Rate } from '../../money/index.ts';
import { type Catalog, canonicalProvider, type Price } from '../../prices/index.ts';
import { pointsAligned } from '../amounts.ts';
import { priceDocument, ratesNow } from '../price-document.ts';
import { commandPrices } from '../prices.ts';
import type { Shell } from '../shell.ts';
import { showTable } from '../show-table.ts';
import type { Cell } from '../table.ts';
import { counted, visible } from '../text.ts';
import { instantFrom } from './price.ts';

export async function run(shell: Shell): Promise<undefined> {
  const { arguments: given } = shell;
  const at = instantFrom(given);
  const wanted = given.text('model')?.toLowerCase() ?? '';
  const catalog = await commandPrices(shell);
  const providers = await providersOf(catalog, given.text('provider'), wanted);
  const prices = providers
    .flatMap((provider) => inForce(catalog, provider, at))
    .filter((price) => price.model.includes(wanted));
  await shell.report({
    json: () => ({
      schema: 'nanocent.prices/1',
      at: new Date(at).toISOString(),
      prices: prices.map(priceDocument),
    }),
    csv: () => csv(prices),
    text: () => {
      if (prices.length === 0)
        return `no prices for ${visible(wanted || 'this')}: see nanocent prices list\n`;
      return `${table(shell, prices)}${shell.style.dim(`USD per million tokens; ${counted(prices.length, 'model')}`)}\n`;
    },
  });
  return undefined;
}

/** With layers on top and adjustments, as a call would find them. */
function inForce(catalog: Catalog, provider: string, at: number): Price[] {
  return catalog.models(provider).flatMap(({ model }) => {
    const match = catalog.find({ provider, model, at });
    return match.outcome === 'found' && match.matchedBy !== 'fallback' ? [match.price] : [];
  });
}

/** Without a provider or a part of a name: the makers' own price lists, not every reseller's. */
const makers = ['anthropic', 'deepseek', 'google', 'mistral', 'openai', 'xai'];

async function providersOf(
  catalog: Catalog,
  asked: string | undefined,
  wanted: string,
): Promise<readonly string[]> {
  if (asked === undefined) {
    const providers = wanted === '' ? makers : catalog.providers;
    await Promise.all(providers.map((provider) => catalog.ready({ provider })));
    return providers;
  }
  const provider = canonicalProvider(asked);
  if (!catalog.providers.includes(provider)) {
    const near = nearest(provider, catalog.providers);
    throw new NanocentError('price_not_found', `the catalog has no provider ${visible(asked)}`, {
      field: '--provider',
      fix: near ? `did you mean ${near}?` : `it has ${catalog.providers.join(', ')}`,
    });
  }
  await catalog.ready({ provider });
  return [provider];
}

function table(shell: Shell, prices: readonly Price[]): string {
  const column = (unit: string) => pointsAligned(prices.map((price) => dollars(ratesNow(price)[unit])));
  const [input, cacheRead, output] = [column('input'), column('cacheRead'), column('output')];
  const right = 'right' as const;
  return showTable(
    shell,
    [
      { title: 'Provider', optional: 1 },
      { title: 'Model', cutTo: 16 },
      { title: 'Input', align: right },
      { title: 'Cached', align: right, optional: 2 },
      { title: 'Output', align: right },
      { title: 'Tiers', optional: 3 },
      { title: 'Checked', optional: 4 },
    ],
    prices.map((price, index): Cell[] => [
      price.provider,
      price.model,
      input[index]!,
      cacheRead[index]!,
      output[index]!,
      tiersOf(price),
      price.source.checked,
    ]),
  );
}

function dollars(rate: Rate | undefined): string | null {
  return rate === undefined ? null : formatUsd(rate);
}

function tiersOf(price: Price): string | null {
  const bound = price.tiers[0]?.inputTokensMax;
  const names = [...(bound ? [`>${bound / 1000}k`] : []), ...Object.keys(price.serviceTiers)];
  return names.length === 0 ? null : names.join(' ');
}

const units = ['input', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h', 'cacheWrite', 'output', 'reasoning'];

function csv(prices: readonly Price[]) {
  return {
    columns: [
      'provider',
      'model',
      ...units.map((unit) => `${unit}UsdPerMillion`),
      'priceId',
      'source',
      'checked',
    ],
    rows: prices.map((price) => {
      const rates = ratesNow(price);
      const texts = units.map((unit) => (rates[unit] === undefined ? null : formatRate(rates[unit])));
      return [price.provider, price.model, ...texts, price.id, price.source.url, price.source.checked];
    }),
  };
}
