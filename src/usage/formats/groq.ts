import { listAt, objectAt, textAt } from '../counts.ts';
import type { JsonObject, WireFormat } from '../format.ts';
import type { ReadingItem } from '../reading.ts';
import { tokenKinds, type Usage } from '../usage.ts';
import { compatibleFormat } from './compatible-chat.ts';
import { compatibleCounts } from './compatible-counts.ts';

/**
 * As OpenAI's; a stream repeats the usage, or has it only, under `x_groq`. A compound system breaks its usage down by
 * the models it called: the items are parts of the usage above them, and they are what is priced.
 * https://console.groq.com/docs/api-reference and https://console.groq.com/docs/compound
 * (from the researched notes, 2026-11-22)
 */
export const groqChat: WireFormat = compatibleFormat({
  provider: 'groq',
  fits: (json) => objectAt(json, 'x_groq') !== null,
  usagePaths: [['usage'], ['x_groq', 'usage']],
  items: (json, _text, problems) => compoundItems(json, problems),
});

/** One item per model, in the order of first use. */
function compoundItems(json: JsonObject, problems: string[]): readonly ReadingItem[] {
  const breakdown = objectAt(json, 'usage_breakdown') ?? objectAt(json, 'x_groq.usage_breakdown');
  const items = new Map<string | null, ReadingItem>();
  for (const call of listAt(breakdown, 'models')) {
    const model = textAt(call, 'model');
    const usage = compatibleCounts(objectAt(call, 'usage') ?? {}, problems);
    const before = items.get(model);
    const together = before === undefined ? usage : added(before.usage, usage);
    items.set(model, { model, usage: together, reason: 'compound' });
  }
  return [...items.values()];
}

/** An unknown count keeps the sum unknown. */
function added(one: Usage, other: Usage): Usage {
  const kinds = [...tokenKinds, 'reasoning'] as const;
  const sums = kinds.map((kind) => [kind, known(one[kind], other[kind])] as const);
  return { ...one, ...(Object.fromEntries(sums) as Pick<Usage, (typeof kinds)[number]>) };
}

function known(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : one + other;
}
