import type { CheckInput } from '../../books/check-quota.ts';
import { checkDocument, limitStateDocument } from '../../books/documents.ts';
import { amountText, subjectText, windowText } from '../../limits/describe.ts';
import { parseUsd } from '../../money/index.ts';
import type { LimitState } from '../../reports/limit-states.ts';
import { formatInZone, parseInstant } from '../../time/index.ts';
import { countMax } from '../../usage/usage.ts';
import type { Arguments } from '../arguments.ts';
import { tagsFrom } from '../attribution.ts';
import { exitCodes } from '../exit-code.ts';
import { fieldOfOption, limitFieldsFrom } from '../limit-groups.ts';
import { coveredText, maximumText } from '../limit-words.ts';
import { printRefusals } from '../refusals.ts';
import type { Shell } from '../shell.ts';
import { showTable } from '../show-table.ts';
import type { Cell } from '../table.ts';
import { noLimits } from './limits-list.ts';

const asking = [...Object.keys(fieldOfOption), 'input-tokens', 'output-tokens', 'cost', 'at'];

export async function run(shell: Shell): Promise<number> {
  const { arguments: given } = shell;
  const books = await shell.books();
  const { zone } = books.context;
  if (!asking.some((option) => given.has(option))) {
    const states = await books.limitStates();
    await show(shell, states, zone, {
      schema: 'nanocent.check/1',
      allowed: true,
      refusals: [],
      limits: states.map(limitStateDocument),
    });
    return exitCodes.done;
  }
  const result = await books.checkQuota(checkFrom(given, zone));
  const document = checkDocument(result);
  await show(shell, result.states, zone, document);
  printRefusals(shell, result.refusals);
  if (result.allowed && shell.format === 'text') shell.note(shell.noteStyle.green('such a call would pass'));
  return result.allowed ? exitCodes.done : exitCodes.refused;
}

function checkFrom(given: Arguments, zone: string): CheckInput {
  const tokens = (name: string) => given.whole(name, { min: 0, max: countMax });
  const at = given.text('at');
  const cost = given.text('cost');
  const { tag: _, ...fields } = limitFieldsFrom(given);
  const input = {
    ...fields,
    tags: tagsFrom(given.texts('tag')),
    inputTokens: tokens('input-tokens'),
    outputTokens: tokens('output-tokens'),
    nanocents: cost === undefined ? undefined : parseUsd(cost, { field: '--cost' }),
    at: at === undefined ? undefined : parseInstant(at, { zone, field: '--at' }),
  };
  const said = Object.entries(input).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said) as CheckInput;
}

async function show(
  shell: Shell,
  states: readonly LimitState[],
  zone: string,
  document: object,
): Promise<void> {
  await shell.report({
    json: () => document,
    csv: () => ({
      columns: ['limitId', 'subject', 'max', 'used', 'held', 'remaining', 'over', 'resetsAt'],
      rows: states.map((state) => {
        const { subject, ...fields } = limitStateDocument(state);
        return [
          fields.limitId,
          JSON.stringify(subject),
          fields.max,
          fields.used,
          fields.held,
          fields.remaining,
          fields.over,
          fields.resetsAt,
        ];
      }),
    }),
    text: () => (states.length === 0 ? noLimits : table(shell, states, zone)),
  });
}

function table(shell: Shell, states: readonly LimitState[], zone: string): string {
  const rows = states.map((state): Cell[] => {
    const { limit } = state;
    const amount = (value: bigint) => amountText(limit, value);
    const over =
      state.over > 0n ? { text: `over by ${amount(state.over)}`, paint: shell.style.yellow } : null;
    return [
      String(limit.id),
      subjectText(state.subject)
        .trim()
        .replace(/^\(|\)$/g, '') || coveredText(limit.selector),
      `${limit.type}${windowText(limit.window)}`,
      maximumText(limit),
      amount(state.used),
      amount(state.held),
      over ?? (state.remaining === null ? null : amount(state.remaining)),
      state.resetsAt === null ? null : formatInZone(state.resetsAt, zone),
    ];
  });
  return showTable(shell, columns(zone), rows);
}

function columns(zone: string) {
  const right = 'right' as const;
  return [
    { title: 'Id', align: right },
    { title: 'Covers', cutTo: 12 },
    { title: 'Limit', cutTo: 14 },
    { title: 'Maximum', align: right, optional: 1 },
    { title: 'Used', align: right },
    { title: 'Held', align: right, optional: 2 },
    { title: 'Left', align: right },
    { title: `Resets (${zone})`, optional: 3 },
  ];
}
