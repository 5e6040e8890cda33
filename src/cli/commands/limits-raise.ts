import { limitDocument } from '../../books/documents.ts';
import { NanocentError } from '../../errors/error.ts';
import { amountText } from '../../limits/describe.ts';
import { formatInZone, parseInstant } from '../../time/index.ts';
import type { Arguments } from '../arguments.ts';
import { describeLimit } from '../limit-words.ts';
import type { Shell } from '../shell.ts';
import { visible } from '../text.ts';

export async function run(shell: Shell): Promise<undefined> {
  const { arguments: given } = shell;
  const to = given.required('to', 'say the maximum meanwhile, for example --to 20');
  const reason = given.required('reason', 'say why, for whoever reads the journal');
  given.required('id', 'take the number from nanocent limits list');
  const id = given.whole('id', { min: 1, max: Number.MAX_SAFE_INTEGER })!;
  const books = await shell.books();
  const { clock, zone } = books.context;
  const limit = await books.limits.raise({ id, to, reason, until: untilFrom(given, clock.now(), zone) });
  const { max, until } = limit.raises.at(-1)!;
  await shell.report({
    json: () => ({ schema: 'nanocent.limit/1', ...limitDocument(limit) }),
    text: () =>
      `limit ${limit.id}: ${visible(describeLimit(limit))}, raised to ${amountText(limit, max)} until ` +
      `${formatInZone(until, zone)} (${zone})\n`,
  });
  return undefined;
}

function untilFrom(given: Arguments, now: number, zone: string): number {
  const until = given.text('until');
  const length = given.text('for');
  if ((until === undefined) === (length === undefined)) {
    throw new NanocentError(
      until === undefined ? 'field_missing' : 'field_invalid',
      'it is not said, once, how long',
      {
        field: '--for',
        fix: 'give exactly one of --for and --until',
      },
    );
  }
  return until === undefined ? now + lengthOf(length!) : parseInstant(until, { zone, field: '--until' });
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

function lengthOf(text: string): number {
  const match = /^(\d{1,4})([mhdw])$/i.exec(text);
  const ms = match ? Number(match[1]) * unitMs[match[2]!.toLowerCase()]! : 0;
  if (ms > 0) return ms;
  throw new NanocentError('field_invalid', `--for is ${visible(text) || 'empty'}, no stretch of time`, {
    field: '--for',
    fix: 'write it as 30m, 2h, 3d or 1w',
  });
}
