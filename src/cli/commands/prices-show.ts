import { formatUsd } from '../../money/index.ts';
import type { Price } from '../../prices/index.ts';
import { pointsAligned } from '../amounts.ts';
import { findPrice } from '../find-price.ts';
import { priceDocument } from '../price-document.ts';
import { commandPrices } from '../prices.ts';
import type { Shell } from '../shell.ts';
import { showTable } from '../show-table.ts';
import type { Cell } from '../table.ts';
import { grouped, visible } from '../text.ts';

export async function run(shell: Shell): Promise<undefined> {
  const { arguments: given } = shell;
  const [name = ''] = given.operands;
  const catalog = await commandPrices(shell);
  const found = await findPrice(catalog, { model: name, provider: given.text('provider'), at: Date.now() });
  const model = catalog.models(found.provider).find((one) => one.model === found.model);
  const prices = [...(model?.prices ?? [found])].sort((a, b) => (b.from ?? 0) - (a.from ?? 0));
  await shell.report({
    json: () => ({
      schema: 'nanocent.prices/1',
      model: found.model,
      provider: found.provider,
      aliases: model?.aliases ?? [],
      prices: prices.map(priceDocument),
    }),
    text: () => {
      const { style } = shell;
      const aliases = model?.aliases.length
        ? style.dim(`also ${model.aliases.map(visible).join(', ')}\n`)
        : '';
      return `${style.bold(visible(found.model))} at ${visible(found.provider)}\n${aliases}\n${prices.map((price) => describe(shell, price)).join('\n')}`;
    },
  });
  return undefined;
}

function describe(shell: Shell, price: Price): string {
  const { style } = shell;
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  const dates = [
    price.from === null ? 'from the beginning' : `from ${day(price.from)}`,
    price.to === null ? '' : ` until ${day(price.to)}`,
    price.during === undefined
      ? ''
      : `, daily ${clock(price.during.startMinute)}–${clock(price.during.endMinute)} UTC`,
  ].join('');
  const tiers = [
    ...price.tiers.map((tier) => ({ name: 'standard', tier })),
    ...Object.entries(price.serviceTiers).flatMap(([name, list]) => list.map((tier) => ({ name, tier }))),
  ];
  const units = [...new Set(tiers.flatMap(({ tier }) => Object.keys(tier.rates)))].sort(
    (left, right) => rankOf(left) - rankOf(right),
  );
  const columns = units.map((unit) =>
    pointsAligned(
      tiers.map(({ tier }) => (tier.rates[unit] === undefined ? null : formatUsd(tier.rates[unit]))),
    ),
  );
  const rows = tiers.map(({ name, tier }, index): Cell[] => [
    name,
    tier.inputTokensMax === null ? 'any' : `up to ${grouped(tier.inputTokensMax)}`,
    ...columns.map((cells) => cells[index]!),
  ]);
  const heads = [
    { title: 'Tier' },
    { title: 'Context' },
    ...units.map((unit, index) => ({
      title: unit,
      align: 'right' as const,
      optional: Math.max(0, index - 2),
    })),
  ];
  const source = style.dim(`USD per million; ${visible(price.source.url)}, checked ${price.source.checked}`);
  return `${dates}\n${showTable(shell, heads, rows)}${source}\n`;
}

const firstUnits = [
  'input',
  'output',
  'cacheRead',
  'cacheWrite5m',
  'cacheWrite1h',
  'cacheWrite',
  'reasoning',
];

function rankOf(unit: string): number {
  const at = firstUnits.indexOf(unit);
  return at === -1 ? firstUnits.length : at;
}

function clock(minute: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}
