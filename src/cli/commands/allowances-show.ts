import { allowanceStateDocument } from '../../books/allowance-documents.ts';
import type { TokensLeft } from '../../books/allowances.ts';
import type { Books } from '../../books/books.ts';
import { NanocentError } from '../../errors/error.ts';
import { amountText } from '../../limits/describe.ts';
import { nanocentsPerCredit } from '../../money/index.ts';
import type { LimitState } from '../../reports/limit-states.ts';
import { formatInZone } from '../../time/index.ts';
import { allowanceFieldsFrom, noAllowances, rhythmText, whoseText } from '../allowance-words.ts';
import { exitCodes } from '../exit-code.ts';
import type { Shell } from '../shell.ts';
import { grouped, visible } from '../text.ts';

interface Shown {
  readonly state: LimitState;
  readonly tokens: readonly TokensLeft[];
}

export async function run(shell: Shell): Promise<number> {
  const { arguments: given } = shell;
  const id = given.whole('id', { min: 1, max: Number.MAX_SAFE_INTEGER });
  const of = allowanceFieldsFrom(given);
  const books = await shell.books();
  const states = (await books.allowances.state(of)).filter(
    ({ limit }) => id === undefined || limit.id === id,
  );
  if (states.length === 0 && (id !== undefined || Object.keys(of).length > 0)) {
    throw new NanocentError('limit_not_found', 'there is no such allowance', {
      fix: 'see them all with nanocent allowances list',
    });
  }
  const shown: Shown[] = [];
  for (const state of states) {
    shown.push({ state, tokens: await tokensOf(books, state, given.texts('model'), of.provider) });
  }
  const { zone } = books.context;
  await shell.report({
    json: () => ({
      schema: 'nanocent.allowances/1',
      allowances: shown.map(({ state, tokens }) => allowanceStateDocument(state, tokens)),
    }),
    text: () => (shown.length === 0 ? noAllowances : shown.map((one) => textOf(one, zone)).join('\n')),
  });
  return exitCodes.done;
}

/** An allowance of one provider is asked for that provider's price. */
async function tokensOf(
  books: Books,
  { remaining, subject, limit }: LimitState,
  models: readonly string[],
  named: string | undefined,
): Promise<TokensLeft[]> {
  const own = subject.provider ?? limit.selector.provider;
  const provider = own === undefined || own === '*' ? named : own;
  return Promise.all(
    models.map((model) => books.allowances.tokensLeft(remaining ?? 0n, { model, provider })),
  );
}

function textOf({ state, tokens }: Shown, zone: string): string {
  const { limit, remaining, used, held, over, resetsAt } = state;
  const money = (value: bigint) => amountText(limit, value);
  const lines = [
    `allowance ${limit.id}: ${whoseText(state)}`,
    `  gives  ${money(limit.max)} ${rhythmText(limit)}`,
    `  left   ${money(remaining ?? 0n)} (${grouped((remaining ?? 0n) / nanocentsPerCredit)} credits)`,
    `  used   ${money(used)}${held > 0n ? `, and ${money(held)} held for calls in flight` : ''}`,
    ...(over > 0n ? [`  over   ${money(over)}`] : []),
    `  next   ${resetsAt === null ? 'never filled up' : `${formatInZone(resetsAt, zone)} (${zone})`}`,
    ...tokens.map(tokensText),
  ];
  return `${lines.map(visible).join('\n')}\n`;
}

function tokensText(one: TokensLeft): string {
  if (one.outcome === 'unknown') return `  ${one.model}: unknown, ${one.reason}`;
  const count = (tokens: bigint | null) => (tokens === null ? 'unlimited' : grouped(tokens));
  return `  ${one.model}: ${count(one.input)} input tokens, or ${count(one.output)} output tokens`;
}
