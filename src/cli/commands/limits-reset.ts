import { limitAmount } from '../../books/documents.ts';
import type { ResetCounter } from '../../books/reset-limits.ts';
import { amountText, subjectText, windowText } from '../../limits/describe.ts';
import { agreed, assertAskable } from '../agreed.ts';
import { exitCodes } from '../exit-code.ts';
import { limitFieldsFrom } from '../limit-groups.ts';
import type { Shell } from '../shell.ts';
import { counted, visible } from '../text.ts';

/** Counters named in a question; more are counted. */
const namedMax = 5;

export async function run(shell: Shell): Promise<number> {
  const { arguments: given } = shell;
  assertAskable(shell, 'nothing was set back');
  const id = given.whole('id', { min: 1, max: Number.MAX_SAFE_INTEGER });
  const query = { ...limitFieldsFrom(given), ...(id === undefined ? {} : { id }) };
  const books = await shell.books({ existing: given.has('db-file') });
  if (!given.has('yes')) {
    const counters = await books.limits.counters(query);
    if (counters.length > 0 && !(await agreed(shell, questionAbout(counters)))) {
      shell.note('nothing was set back');
      return exitCodes.done;
    }
  }
  const counters = await books.limits.reset(query);
  await shell.report({
    json: () => ({ schema: 'nanocent.reset/1', counters: counters.map(counterDocument) }),
    text: () =>
      counters.length === 0 ? 'nothing is used: nothing to set back\n' : counters.map(done).join(''),
  });
  return exitCodes.done;
}

function questionAbout(counters: readonly ResetCounter[]): string {
  const named = counters.slice(0, namedMax).map((counter) => `${usedText(counter)} of ${nameOf(counter)}`);
  const more = counters.length - named.length;
  if (more > 0) named.push(`${counted(more, 'more counter')}`);
  return `Set back ${named.join('; ')}? Usage and its cost stay.`;
}

function done(counter: ResetCounter): string {
  const held = counter.held === 0n ? '' : `, ${amountText(counter.limit, counter.held)} held stays`;
  return `${nameOf(counter)}: ${usedText(counter)} set back${held}\n`;
}

function nameOf({ limit, subject }: ResetCounter): string {
  return visible(`limit ${limit.id}${subjectText(subject)}`);
}

function usedText({ limit, used }: ResetCounter): string {
  const unit = limit.type === 'cost' ? '' : ` ${limit.type}`;
  return `${amountText(limit, used)}${unit}${windowText(limit.window)}`;
}

function counterDocument({ limit, subject, used, held }: ResetCounter) {
  const amount = (value: bigint) => limitAmount(limit, value);
  return { limitId: limit.id, type: limit.type, subject, setBack: amount(used), held: amount(held) };
}
