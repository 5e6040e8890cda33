import { moneyDocument } from '../../books/documents.ts';
import { formatUsd } from '../../money/index.ts';
import { type Catalog, chargeFor } from '../../prices/index.ts';
import { formatInstant } from '../../time/index.ts';
import type { Usage } from '../../usage/usage.ts';
import { pointsAligned, shareOf } from '../amounts.ts';
import { findPrice } from '../find-price.ts';
import type { Shell } from '../shell.ts';
import { showTable } from '../show-table.ts';
import type { Cell } from '../table.ts';
import { visible } from '../text.ts';

export interface Question {
  readonly models: readonly string[];
  readonly provider: string | undefined;
  readonly usage: Usage;
  readonly tier: string | undefined;
  readonly at: number;
}

interface Answer {
  readonly model: string;
  readonly provider: string;
  readonly nanocents: bigint | null;
  readonly priceId: string;
  /** Why there is no amount; null where there is one. */
  readonly unpriced: string | null;
}

/** The same usage at each of several models, beside the first. */
export async function priceCompare(shell: Shell, catalog: Catalog, question: Question): Promise<void> {
  const answers: Answer[] = [];
  for (const model of question.models) answers.push(await answerFor(catalog, question, model));
  await shell.report({
    json: () => ({
      schema: 'nanocent.priceComparison/1',
      at: formatInstant(question.at),
      prices: answers.map(({ nanocents, ...answer }) => ({ ...answer, ...moneyDocument(nanocents) })),
    }),
    csv: () => ({
      columns: ['model', 'provider', 'nanocents', 'usd', 'priceId', 'unpriced'],
      rows: answers.map(({ model, provider, nanocents, priceId, unpriced }) => [
        model,
        provider,
        ...Object.values(moneyDocument(nanocents)),
        priceId,
        unpriced,
      ]),
    }),
    text: () => table(shell, answers),
  });
}

async function answerFor(catalog: Catalog, question: Question, model: string): Promise<Answer> {
  const { provider, usage, tier, at } = question;
  const price = await findPrice(catalog, { model, provider, at });
  const pricing = chargeFor(usage, price, { terms: tier === undefined ? {} : { tier } });
  const priced = pricing.outcome === 'priced';
  return {
    model,
    provider: price.provider,
    nanocents: priced ? pricing.charge.nanocents : null,
    priceId: price.id,
    unpriced: priced ? null : pricing.reason,
  };
}

function table(shell: Shell, answers: readonly Answer[]): string {
  const amounts = pointsAligned(
    answers.map(({ nanocents }) => (nanocents === null ? null : `$${formatUsd(nanocents)}`)),
  );
  const first = answers[0]!.nanocents;
  const share = ({ nanocents }: Answer) =>
    nanocents === null || first === null || first === 0n ? null : shareOf(nanocents, first);
  const columns = [
    { title: 'Model', cutTo: 16 },
    { title: 'Provider', optional: 1 },
    { title: 'Amount', align: 'right' as const },
    { title: 'Of the first', align: 'right' as const, optional: 2 },
  ];
  const rows = answers.map((answer, index): Cell[] => [
    visible(answer.model),
    visible(answer.provider),
    amounts[index]!,
    share(answer),
  ]);
  const why = answers.flatMap(({ unpriced }) => (unpriced === null ? [] : [`${visible(unpriced)}\n`]));
  return `${showTable(shell, columns, rows)}${why.join('')}`;
}
