import { findPrices } from '../../books/open-prices.ts';
import { writeUpdate } from '../../books/price-updates.ts';
import { formatRate, formatUsd, type Rate } from '../../money/index.ts';
import { type PriceUpdate, planUpdate, type RateChange } from '../../prices/index.ts';
import { formatInstant } from '../../time/index.ts';
import { pointsAligned } from '../amounts.ts';
import { exitCodes } from '../exit-code.ts';
import { readPublished } from '../price-source.ts';
import type { Shell } from '../shell.ts';
import { showTable } from '../show-table.ts';
import { shown } from '../shown-path.ts';
import type { Cell } from '../table.ts';
import { counted, visible } from '../text.ts';

export async function run(shell: Shell): Promise<number> {
  const { arguments: given, terminal, noteStyle } = shell;
  const { environment } = terminal;
  const [name = ''] = given.operands;
  const at = Date.now();
  const { source, models } = await readPublished(given, name, at);
  // Own prices stay above whatever is stored here, so they are no part of the comparison.
  const { catalog } = await findPrices({ prices: {}, config: false, environment, at });
  await catalog.ready();
  const update = planUpdate(catalog, models, { at, all: given.has('all') });
  const refused = update.moves.length > 0 && !given.has('yes');
  const stored =
    refused || update.models.length === 0
      ? null
      : await writeUpdate(environment, {
          recordedAt: at,
          source,
          from: visible(name),
          models: update.models,
        });
  await shell.report({
    json: () => updateDocument(update, { source, from: name, at, stored }),
    csv: () => ({
      columns: ['provider', 'model', 'tier', 'unit', 'beforeUsdPerMillion', 'afterUsdPerMillion'],
      rows: update.changes.map((one) => [
        ...[one.provider, one.model, one.tier, one.unit],
        ...[formatRate(one.before), formatRate(one.after)],
      ]),
    }),
    text: () => describe(shell, update),
  });
  if (update.hourly.length > 0) {
    shell.note(
      `left as they are, being priced by the hour of the day: ${update.hourly.map(visible).join(', ')}`,
    );
  }
  if (update.left.length > 0) {
    const rates = counted(update.left.length, 'rate');
    shell.note(
      `${noteStyle.yellow('left')} ${rates} as before: they are ours of another time or another model ` +
        '(see nanocent prices diff; --all takes them too)',
    );
  }
  if (refused) {
    refuse(shell, update);
    return exitCodes.badInput;
  }
  shell.note(
    stored === null
      ? 'nothing to take over: these prices are in force already'
      : `${noteStyle.green('stored')} in ${shown(stored)}; it holds from now on, and removing the file undoes it`,
  );
  return exitCodes.done;
}

function refuse(shell: Shell, { moves }: PriceUpdate): void {
  const { terminal, noteStyle } = shell;
  const prices = counted(moves.length, 'rate');
  terminal.err(
    `${noteStyle.red('nanocent:')} ${prices} would move more than five times; nothing was stored\n`,
  );
  for (const { provider, model, unit, before, after } of moves) {
    terminal.err(
      `  ${visible(provider)}/${visible(model)} ${unit}: ${perMillion(before)} to ${perMillion(after)}\n`,
    );
  }
  terminal.err(
    `  ${noteStyle.bold('fix:')} check the file and its unit; say --yes if these prices are right\n`,
  );
}

function perMillion(rate: Rate): string {
  return `$${formatUsd(rate)}`;
}

function updateDocument(
  { changes, added, moves, hourly, left }: PriceUpdate,
  facts: {
    readonly source: string;
    readonly from: string;
    readonly at: number;
    readonly stored: string | null;
  },
): object {
  return {
    schema: 'nanocent.pricesUpdate/1',
    source: facts.source,
    from: facts.from,
    at: formatInstant(facts.at),
    stored: facts.stored,
    changes: changes.map(changeDocument),
    added: added.map(({ provider, model }) => `${provider}/${model}`),
    moves: moves.map(changeDocument),
    hourly,
    left: left.map(({ ours, theirs, ...one }) => ({
      ...one,
      oursUsdPerMillion: formatRate(ours),
      theirsUsdPerMillion: formatRate(theirs),
    })),
  };
}

function changeDocument<Change extends Omit<RateChange, 'tier'>>({
  before,
  after,
  ...change
}: Change): object {
  return { ...change, beforeUsdPerMillion: formatRate(before), afterUsdPerMillion: formatRate(after) };
}

function describe(shell: Shell, { changes, added }: PriceUpdate): string {
  const summary = `${counted(changes.length, 'rate')} changed, ${counted(added.length, 'model')} added\n`;
  if (changes.length === 0) return summary;
  const before = pointsAligned(changes.map((one) => formatUsd(one.before)));
  const after = pointsAligned(changes.map((one) => formatUsd(one.after)));
  const right = 'right' as const;
  const columns = [
    { title: 'Provider', optional: 1 },
    { title: 'Model', cutTo: 16 },
    { title: 'Unit' },
    { title: 'Before', align: right },
    { title: 'After', align: right },
  ];
  const rows = changes.map((one, index): Cell[] => [
    visible(one.provider),
    visible(one.model),
    one.tier === 0 ? one.unit : `${one.unit} (tier ${one.tier + 1})`,
    before[index]!,
    after[index]!,
  ]);
  return `${showTable(shell, columns, rows)}${shell.style.dim('USD per million')}\n${summary}`;
}
