import { moneyDocument } from '../../books/documents.ts';
import { fixedHoldNanocents } from '../../core/reservation-rules.ts';
import { NanocentError } from '../../errors/error.ts';
import type { RequestBounds } from '../../meter/call.ts';
import { amountFor } from '../../meter/size-hold.ts';
import { requestBounds } from '../../meter/wire/request-bounds.ts';
import { formatUsd } from '../../money/index.ts';
import type { Price } from '../../prices/index.ts';
import { formatInstant } from '../../time/index.ts';
import { countMax } from '../../usage/usage.ts';
import { findPrice } from '../find-price.ts';
import { readInput } from '../input-text.ts';
import { commandPrices } from '../prices.ts';
import type { Shell } from '../shell.ts';
import { grouped, visible } from '../text.ts';

/** The most that a request can cost: what the gateway would hold for it. */
export async function priceWorst(shell: Shell, at: number): Promise<void> {
  const { arguments: given } = shell;
  const body = given.required('body', 'name the file of a request, for example --body request.json');
  const bytes = await readInput(shell, body, '--body');
  const json = parse(bytes);
  const model = given.text('model') ?? json.model;
  if (typeof model !== 'string' || model === '') {
    throw new NanocentError('field_missing', 'neither the request nor --model names a model', {
      field: '--model',
      fix: 'name it with --model',
    });
  }
  const price = await findPrice(await commandPrices(shell), { model, provider: given.text('provider'), at });
  const bounds = boundsOf(shell, json, bytes.length);
  const worst = amountFor(bounds, price);
  await shell.report({
    json: () => ({
      schema: 'nanocent.worstCase/1',
      model: price.model,
      provider: price.provider,
      at: formatInstant(at),
      outcome: worst.sizing === 'worst' ? 'bounded' : 'unbounded',
      ...moneyDocument(worst.sizing === 'worst' ? worst.nanocents : null),
      reason: worst.reason,
      heldNanocents: String(worst.nanocents),
      priceId: price.id,
      bounds,
    }),
    text: () => describe(shell, { price, bounds, worst }),
  });
}

function boundsOf(shell: Shell, json: Readonly<Record<string, unknown>>, bytes: number): RequestBounds {
  const { arguments: given } = shell;
  const outputTokensMax = given.whole('max-output', { min: 0, max: countMax });
  const api =
    'input' in json && /embed/.test(String(given.text('model') ?? json.model)) ? 'embeddings' : 'chat';
  const bounds = requestBounds(json, api, bytes);
  return outputTokensMax === undefined ? bounds : { ...bounds, outputTokensMax };
}

function describe(
  shell: Shell,
  {
    price,
    bounds,
    worst,
  }: {
    readonly price: Price;
    readonly bounds: RequestBounds;
    readonly worst: ReturnType<typeof amountFor>;
  },
): string {
  const { style } = shell;
  const known = (count: number | null) => (count === null ? 'no bound' : `at most ${grouped(count)}`);
  const choices = bounds.choices === 1 ? '' : `, ${grouped(bounds.choices)} times`;
  const lines = [
    `${style.bold(visible(price.model))} at ${visible(price.provider)}`,
    `Input tokens   ${known(bounds.inputTokensMax)}`,
    `Output tokens  ${known(bounds.outputTokensMax)}${choices}`,
  ];
  if (worst.sizing === 'fixed') {
    lines.push(
      `${style.bold('Worst case')}     unknown: ${visible(worst.reason ?? '')}`,
      `               a gateway holds $${formatUsd(fixedHoldNanocents)} for such a request`,
    );
  } else {
    lines.push(
      `${style.bold('Worst case')}     $${formatUsd(worst.nanocents)}`,
      style.dim('               every input byte a token at the dearest input rate, all output used'),
    );
  }
  return `${lines.join('\n')}\n`;
}

function parse(bytes: Buffer): Readonly<Record<string, unknown>> {
  let value: unknown = null;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    // The parser's words would repeat the request.
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new NanocentError('body_malformed', 'the request is not a JSON object', {
    field: '--body',
    fix: 'give the body as it would be sent',
  });
}
