import { limitDocument } from '../../books/documents.ts';
import { NanocentError } from '../../errors/error.ts';
import { scopeOf } from '../../limits/limit-key.ts';
import type { LimitInput } from '../../limits/parse-limit.ts';
import { type Arguments, givenTwice } from '../arguments.ts';
import { fieldOfOption, groupedLimits, limitFieldsFrom } from '../limit-groups.ts';
import { describeLimit } from '../limit-words.ts';
import type { Shell } from '../shell.ts';
import { visible } from '../text.ts';

/** What says one limit option by option. */
const single = ['scope', 'limit-type', 'max-value', 'interval-unit', 'interval-value'];

export async function run(shell: Shell): Promise<undefined> {
  const { arguments: given } = shell;
  const isGrouped = given.operands.length > 0;
  const inputs = isGrouped ? grouped(given) : [oneLimit(given)];
  const books = await shell.books();
  const limits = await books.limits.setAll(inputs, { fromNow: given.has('from-now') });
  await shell.report({
    json: () =>
      isGrouped
        ? { schema: 'nanocent.limits/1', limits: limits.map(limitDocument) }
        : { schema: 'nanocent.limit/1', ...limitDocument(limits[0]!) },
    text: () => limits.map((limit) => `limit ${limit.id}: ${visible(describeLimit(limit))}\n`).join(''),
  });
  return undefined;
}

function grouped(given: Arguments): LimitInput[] {
  const option = single.find((name) => given.has(name));
  if (option === undefined) return groupedLimits(given, common(given));
  throw new NanocentError(
    'field_invalid',
    `--${option} says again what ${visible(given.operands[0]!)} says`,
    {
      field: `--${option}`,
      fix: 'write limits either as options or as daily_tokens=1000',
    },
  );
}

function oneLimit(given: Arguments): LimitInput {
  for (const option of Object.keys(fieldOfOption)) {
    if (given.texts(option).length > 1) throw givenTwice(option);
  }
  const fields = limitFieldsFrom(given);
  const isNamed = given.has('global') || Object.keys(fields).length > 0;
  return {
    ...common(given),
    ...fields,
    scope:
      isNamed && !given.has('scope')
        ? scopeOf(fields)
        : given.required('scope', 'say whom it covers, for example --scope GLOBAL'),
    limitType: given.required('limit-type', 'say what it counts, for example --limit-type cost'),
    max: given.required('max-value', 'say how much, for example --max-value 5.00'),
    intervalUnit: given.text('interval-unit'),
    intervalValue: given.whole('interval-value', { min: 1, max: 1_000_000 }),
  };
}

function common(given: Arguments) {
  return {
    zone: given.text('zone'),
    enforcement: given.has('soft') ? ('soft' as const) : ('hard' as const),
    thresholds: given.texts('threshold').map(percentage),
  };
}

function percentage(text: string): number {
  const value = Number(text.replace(/%$/, ''));
  if (Number.isInteger(value)) return value;
  throw new NanocentError('limit_invalid', `--threshold ${visible(text)} is not a percentage`, {
    field: '--threshold',
    fix: 'give a whole number such as 80',
  });
}
