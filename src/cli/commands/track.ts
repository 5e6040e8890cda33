import type { Tracked } from '../../books/books.ts';
import { entryDocument, limitStateDocument } from '../../books/documents.ts';
import type { CountsInput } from '../../core/counts.ts';
import type { TrackInput } from '../../core/track.ts';
import { NanocentError } from '../../errors/error.ts';
import { amountText, windowText } from '../../limits/describe.ts';
import { formatUsdRounded, parseUsd } from '../../money/index.ts';
import { promptTokens } from '../../store/entry.ts';
import { countMax } from '../../usage/usage.ts';
import type { Arguments } from '../arguments.ts';
import { attributionFrom } from '../attribution.ts';
import { entriesCsv } from '../entry-csv.ts';
import type { Shell } from '../shell.ts';
import { grouped, visible } from '../text.ts';

export async function run(shell: Shell): Promise<number | undefined> {
  const [operand] = shell.arguments.operands;
  if (operand === '-') {
    const { trackLines } = await import('../track-lines.ts');
    return trackLines(shell);
  }
  if (operand !== undefined) {
    throw new NanocentError('field_invalid', `track does not know what to do with ${visible(operand)}`, {
      field: 'operand',
      fix: 'give the call as options, or - to read JSON lines from the standard input',
    });
  }
  const input = { ...inputFrom(shell.arguments), ...(await countedHere(shell)) };
  const books = await shell.books();
  const tracked = await books.track(input);
  describe(shell, tracked);
  await shell.report({
    json: () => trackedDocument(tracked),
    csv: () => entriesCsv([tracked.entry]),
    text: () => `${tracked.entry.id}\n`,
  });
  return undefined;
}

export function trackedDocument({ entry, remaining, replayed }: Tracked): object {
  return {
    schema: 'nanocent.entry/1',
    ...entryDocument(entry),
    remaining: remaining.map(limitStateDocument),
    replayed,
  };
}

/** Everything that options say about one call. Throws usage_invalid, amount_invalid … naming the option. */
function inputFrom(given: Arguments): TrackInput {
  const cost = given.text('cost');
  return {
    ...attributionFrom(given),
    ...countsFrom(given),
    nanocents: cost === undefined ? undefined : parseUsd(cost, { field: '--cost' }),
    executionMicroseconds: executionFrom(given),
    timestamp: given.text('timestamp'),
    idempotencyKey: given.text('idempotency-key'),
  };
}

const countFields: Readonly<Record<string, keyof CountsInput>> = {
  'prompt-tokens': 'promptTokens',
  'completion-tokens': 'completionTokens',
  'total-tokens': 'totalTokens',
  'cached-tokens': 'cachedTokens',
  'cache-write-5m': 'cacheWrite5mTokens',
  'cache-write-1h': 'cacheWrite1hTokens',
  'reasoning-tokens': 'reasoningTokens',
  'local-prompt-tokens': 'localPromptTokens',
  'local-completion-tokens': 'localCompletionTokens',
  'local-total-tokens': 'localTotalTokens',
  'tool-calls': 'toolCalls',
};

function countsFrom(given: Arguments): CountsInput {
  const counts: { -readonly [Field in keyof CountsInput]: number } = {};
  for (const [option, field] of Object.entries(countFields)) {
    const text = given.text(option);
    if (text === undefined) continue;
    const count = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(count <= countMax)) {
      throw new NanocentError(
        'usage_invalid',
        `--${option} is ${visible(text) || 'empty'}, not a whole number from 0 to ${countMax}`,
        {
          field: `--${option}`,
          fix: `give --${option} a whole number that is not negative, or leave it out`,
        },
      );
    }
    counts[field] = count;
  }
  return counts;
}

const countedFields: Readonly<Record<string, 'localPromptTokens' | 'localCompletionTokens'>> = {
  'count-prompt': 'localPromptTokens',
  'count-completion': 'localCompletionTokens',
};

/** Texts whose tokens are counted here, beside what the provider says. */
async function countedHere(shell: Shell): Promise<CountsInput> {
  const { arguments: given } = shell;
  const counts: { -readonly [Field in keyof CountsInput]: number } = {};
  for (const [option, field] of Object.entries(countedFields)) {
    const name = given.text(option);
    if (name === undefined) continue;
    const instead = option.replace('count-', 'local-');
    if (given.has(`${instead}-tokens`)) {
      throw new NanocentError('field_invalid', `--${option} and --${instead}-tokens both give this count`, {
        field: `--${option}`,
        fix: 'leave one of them out',
      });
    }
    const { countInput } = await import('../count-input.ts');
    const count = await countInput(shell, { option: `--${option}`, name, model: given.text('model') ?? '' });
    counts[field] = count.tokens;
  }
  return counts;
}

function executionFrom(given: Arguments): number | undefined {
  const text = given.text('execution-time');
  if (text === undefined) return undefined;
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1e6);
  throw new NanocentError(
    'field_invalid',
    `--execution-time is ${visible(text) || 'empty'}, not a number of seconds`,
    { field: '--execution-time', fix: 'give seconds as a plain decimal, such as 1.5' },
  );
}

/** For a person: what was booked, and which limits it went over. */
function describe(shell: Shell, { entry, remaining, replayed, objections }: Tracked): void {
  const prompt = promptTokens(entry.usage);
  const known = (count: number | null) => (count === null ? '?' : grouped(count));
  const counts =
    prompt === null && entry.usage.output === null
      ? ''
      : `, ${known(prompt)} prompt and ${known(entry.usage.output)} completion tokens`;
  const cost =
    entry.nanocents === null
      ? 'cost unknown'
      : `${formatUsdRounded(entry.nanocents)}${entry.costSource === 'priced' ? ' by the price catalog' : ''}`;
  const verb = replayed ? 'already booked' : 'booked';
  shell.note(`${shell.noteStyle.green(verb)} ${visible(entry.model)}${counts}: ${cost}`);
  if (entry.nanocents === null) {
    shell.note(`  ${shell.noteStyle.yellow('unpriced:')} ${visible(entry.remark ?? '')}`);
    shell.note('  give --cost, or name the --provider');
  }
  for (const { message } of objections) {
    shell.note(`  ${shell.noteStyle.yellow('booked all the same:')} ${visible(message)}`);
  }
  for (const { limit, over } of remaining.filter((state) => state.over > 0n)) {
    const bound = `${amountText(limit, limit.max)} ${limit.type}${windowText(limit.window)}`;
    shell.note(
      `  ${shell.noteStyle.yellow('over')} limit ${limit.id} (${bound}) by ${amountText(limit, over)}`,
    );
  }
}
