import type { EntryDraft, LimitDraft, WriteRequest } from '../core/request.ts';
import type { Quantities, Subject } from '../ledger/account.ts';
import {
  type LimitScope,
  type LimitType,
  limitTypes,
  type Selector,
  selectorFields,
} from '../limits/limit.ts';
import type { WindowRule, WindowUnit } from '../time/window.ts';
import { unknownUsage } from '../usage/usage.ts';
import { parseWhole, type Row } from './table.ts';

const scopes: Readonly<Record<string, LimitScope>> = {
  model: 'MODEL',
  provider: 'PROVIDER',
  username: 'USER',
  caller: 'CALLER',
  project: 'PROJECT',
  key: 'KEY',
  tag: 'TAG',
  session: 'SESSION',
  purpose: 'PURPOSE',
};

const measures = new Set<string>(limitTypes);
const options = new Set('cap priority expires until at ttl idempotency body fence of reason'.split(' '));

/** A bare number is money in nanocents; `requests=1` and its like are other measures. */
export function quantitiesOfRow(row: Row): Quantities {
  const quantities: Record<string, bigint> = {};
  const amount = row.words.find((word) => /^[+-]?\d[\d_^+-]*$/.test(word) && !/^\d{4}-\d\d-/.test(word));
  if (amount !== undefined) quantities.cost = parseWhole(amount);
  for (const [name, value] of row.fields) if (measures.has(name)) quantities[name] = parseWhole(value);
  return quantities;
}

/** Who the call is for; null when the row does not say. */
export function attributesOfRow(row: Row): Subject | null {
  const given = [...row.fields].filter(([name]) => !measures.has(name) && !options.has(name));
  return given.length === 0 ? null : Object.fromEntries(given.map(([name, value]) => [fieldOf(name), value]));
}

/** `cap=NAME:MAX`, several with commas. */
export function capsOfRow(row: Row): {
  readonly caps?: readonly { readonly id: string; readonly max: bigint }[];
} {
  const text = row.fields.get('cap');
  if (text === undefined) return {};
  const caps = text.split(',').map((one) => one.split(':'));
  return { caps: caps.map(([id, max]) => ({ id: id!, max: parseWhole(max!) })) };
}

/** What a usage row says where these quantities are known. */
export function knownOf(quantities: Quantities): Partial<EntryDraft> {
  const count = (measure: LimitType): number | null =>
    quantities[measure] === undefined ? null : Number(quantities[measure]);
  return {
    nanocents: quantities.cost ?? null,
    costSource: quantities.cost === undefined ? 'unpriced' : 'given',
    usage: { ...unknownUsage, input: count('input_tokens'), output: count('output_tokens') },
    totalTokens: count('total_tokens'),
    calls: quantities.requests === 0n ? 0 : 1,
  };
}

/** `limit NAME [field=value …] TYPE MAX WINDOW [soft] [from-now]` */
export function limitOfRow(row: Row): Extract<WriteRequest, { kind: 'setLimit' }> {
  const [, type, max, window] = row.words;
  const selector: Record<string, string> = {};
  for (const [name, value] of row.fields) selector[fieldOf(name)] = value;
  const first = selectorFields.find((field) => selector[field] !== undefined);
  const limit: LimitDraft = {
    kind: 'limit',
    scope: first === undefined ? 'GLOBAL' : scopes[first]!,
    type: type as LimitType,
    max: parseWhole(max!),
    window: windowOf(window!),
    selector: selector as Selector,
    enforcement: row.words.includes('soft') ? 'soft' : 'hard',
    thresholds: [],
    source: 'command',
    file: null,
  };
  return { kind: 'setLimit', limit, fromNow: row.words.includes('from-now') };
}

/** `day`, `2hour`, `month@Europe/Berlin`, `5minute_rolling`, `lifetime`, `none`. */
function windowOf(text: string): WindowRule {
  if (text === 'lifetime' || text === 'none') return { kind: text };
  const pattern = /^(\d*)(second|minute|hour|day|week|month)(_rolling)?(?:@(.+))?$/;
  const [, digits, unit, rolling, zone = 'UTC'] = pattern.exec(text) ?? [];
  if (unit === undefined) throw new Error(`${text} is no window`);
  const span = { unit: unit as WindowUnit, count: digits === '' ? 1 : Number.parseInt(digits!, 10) };
  return rolling === undefined ? { kind: 'calendar', ...span, zone } : { kind: 'rolling', ...span };
}

function fieldOf(name: string): string {
  return name === 'user' ? 'username' : name;
}
