import { findPrices } from '../../books/open-prices.ts';
import { formatUsd } from '../../money/index.ts';
import {
  type Catalog,
  type CatalogModel,
  canonicalProvider,
  compareSources,
  type Disagreement,
} from '../../prices/index.ts';
import { pointsAligned } from '../amounts.ts';
import { readPublished } from '../price-source.ts';
import type { Shell } from '../shell.ts';
import { showTable } from '../show-table.ts';
import type { Cell } from '../table.ts';
import { counted, grouped } from '../text.ts';
import { instantFrom } from './price.ts';

export async function run(shell: Shell): Promise<undefined> {
  const { arguments: given } = shell;
  const [name = ''] = given.operands;
  const at = instantFrom(given);
  const only = given.text('provider');
  const { models: theirs } = await readPublished(given, name, Date.now());
  const wanted =
    only === undefined ? theirs : theirs.filter(({ provider }) => provider === canonicalProvider(only));
  // Own prices are no claim about what a provider charges.
  const { catalog } = await findPrices({
    prices: {},
    config: false,
    environment: shell.terminal.environment,
    at,
  });
  const ours = await modelsIn(catalog, new Set(wanted.map(({ provider }) => provider)));
  const found = compareSources(ours, wanted, at);
  await shell.report({
    json: () => ({
      schema: 'nanocent.pricesDiff/1',
      ...found,
      disagreements: found.disagreements.map((one) => ({
        ...one,
        ours: formatUsd(one.ours),
        theirs: formatUsd(one.theirs),
      })),
    }),
    csv: () => ({
      columns: [
        'provider',
        'model',
        'tier',
        'unit',
        'oursUsdPerMillion',
        'theirsUsdPerMillion',
        'kind',
        'why',
        'decided',
      ],
      rows: found.disagreements.map((one) => [
        ...[one.provider, one.model, one.tier, one.unit, formatUsd(one.ours), formatUsd(one.theirs)],
        ...[one.kind, one.why, one.decided],
      ]),
    }),
    text: () => {
      const summary =
        `${counted(found.compared, 'model')} compared: ${grouped(found.agreeing)} agree; ` +
        `${grouped(found.onlyOurs)} only here, ${grouped(found.onlyTheirs.length)} only there\n`;
      return found.disagreements.length === 0 ? summary : `${table(shell, found.disagreements)}${summary}`;
    },
  });
  return undefined;
}

async function modelsIn(catalog: Catalog, providers: ReadonlySet<string>): Promise<readonly CatalogModel[]> {
  const known = catalog.providers.filter((provider) => providers.has(provider));
  await Promise.all(known.map((provider) => catalog.ready({ provider })));
  return known.flatMap((provider) => catalog.models(provider).filter((model) => model.provider === provider));
}

function table(shell: Shell, found: readonly Disagreement[]): string {
  const ours = pointsAligned(found.map((one) => formatUsd(one.ours)));
  const theirs = pointsAligned(found.map((one) => formatUsd(one.theirs)));
  const right = 'right' as const;
  return showTable(
    shell,
    [
      { title: 'Provider', optional: 1 },
      { title: 'Model', cutTo: 16 },
      { title: 'Unit' },
      { title: 'Ours', align: right },
      { title: 'Theirs', align: right },
      { title: 'Why' },
      { title: '', cutTo: 20, optional: 2 },
    ],
    found.map((one, index): Cell[] => [
      one.provider,
      one.model,
      one.tier === 0 ? one.unit : `${one.unit} (tier ${one.tier + 1})`,
      ours[index]!,
      theirs[index]!,
      one.kind,
      one.decided === 'ours' ? `${one.why}; ours is off the provider’s own page` : one.why,
    ]),
  );
}
