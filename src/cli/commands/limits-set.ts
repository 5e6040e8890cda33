import { limitDocument } from '../../books/documents.ts';
import { NanocentError } from '../../errors/error.ts';
import { describeLimit } from '../limit-words.ts';
import type { Shell } from '../shell.ts';
import { visible } from '../text.ts';

export async function run(shell: Shell): Promise<undefined> {
  const { arguments: given } = shell;
  const input = {
    scope: given.required('scope', 'say whom it covers, for example --scope GLOBAL'),
    limitType: given.required('limit-type', 'say what it counts, for example --limit-type cost'),
    max: given.required('max-value', 'say how much, for example --max-value 5.00'),
    intervalUnit: given.text('interval-unit')?.toLowerCase(),
    intervalValue: given.whole('interval-value', { min: 1, max: 1_000_000 }),
    zone: given.text('zone'),
    model: given.text('model'),
    provider: given.text('provider'),
    username: given.text('username'),
    caller: given.text('caller-name'),
    project: given.text('project'),
    key: given.text('key'),
    enforcement: given.has('soft') ? ('soft' as const) : ('hard' as const),
    thresholds: given.texts('threshold').map(percentage),
    fromNow: given.has('from-now'),
  };
  const books = await shell.books();
  const limit = await books.limits.set(input);
  await shell.report({
    json: () => ({ schema: 'nanocent.limit/1', ...limitDocument(limit) }),
    text: () => `limit ${limit.id}: ${visible(describeLimit(limit))}\n`,
  });
  return undefined;
}

function percentage(text: string): number {
  const value = Number(text.replace(/%$/, ''));
  if (Number.isInteger(value)) return value;
  throw new NanocentError('limit_invalid', `--threshold ${visible(text)} is not a percentage`, {
    field: '--threshold',
    fix: 'give a whole number such as 80',
  });
}
