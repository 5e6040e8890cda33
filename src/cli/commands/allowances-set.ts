import { allowanceDocument } from '../../books/allowance-documents.ts';
import { NanocentError } from '../../errors/error.ts';
import type { AllowanceInput } from '../../limits/allowance.ts';
import { allowanceFieldsFrom, describeAllowance } from '../allowance-words.ts';
import type { Arguments } from '../arguments.ts';
import type { Shell } from '../shell.ts';
import { visible } from '../text.ts';

export async function run(shell: Shell): Promise<undefined> {
  const { arguments: given } = shell;
  const input = { ...allowanceFieldsFrom(given), model: given.text('model'), ...amountFrom(given) };
  const books = await shell.books();
  const limit = await books.allowances.set({ ...input, zone: given.text('zone') });
  await shell.report({
    json: () => ({ schema: 'nanocent.allowance/1', ...allowanceDocument(limit) }),
    text: () => `allowance ${limit.id}: ${visible(describeAllowance(limit))}\n`,
  });
  return undefined;
}

function amountFrom(given: Arguments): Pick<AllowanceInput, 'credits' | 'usd' | 'every'> {
  const daily = given.text('daily');
  const once = given.text('once');
  if ((daily === undefined) === (once === undefined)) {
    throw new NanocentError(
      daily === undefined ? 'field_missing' : 'field_invalid',
      daily === undefined
        ? '--daily is missing: say how much there is each day'
        : '--daily and --once exclude each other',
      { field: '--daily', fix: 'give --daily N, or --once N for what is never filled up again' },
    );
  }
  if (given.has('usd') && given.has('credits')) {
    throw new NanocentError('field_invalid', '--usd and --credits exclude each other', {
      field: '--usd',
      fix: 'leave one of them out',
    });
  }
  if (once !== undefined && given.has('every-24h')) {
    throw new NanocentError('field_invalid', '--once is never filled up, so --every-24h says nothing', {
      field: '--every-24h',
      fix: 'leave one of them out',
    });
  }
  const amount = daily ?? once!;
  const every = once !== undefined ? 'never' : given.has('every-24h') ? '24h' : 'day';
  return { ...(given.has('usd') ? { usd: amount } : { credits: amount }), every };
}
