import { NanocentError } from '../errors/error.ts';
import { type AllowanceInput, type Refill, refills } from './allowance.ts';
import { type SelectorField, selectorFields } from './limit.ts';

/** Allowances that one configuration may hold. */
const allowancesMax = 10_000;

/** Names of who is covered, as configurations spell them. */
const fieldNames: Readonly<Record<string, SelectorField>> = {
  ...Object.fromEntries(selectorFields.map((field) => [field, field])),
  user: 'username',
  model_id: 'model',
};
const amountNames = ['daily_reset_amount', 'credits', 'usd'];
const otherNames = ['every', 'zone'];

/**
 * The root `allowances` of a configuration: `- provider: gemini`, `daily_reset_amount: 100000`. The amount is credits each day; null
 * is never filled up again, and `credits` or `usd` then says how much there is once. Throws config_invalid, naming the key.
 */
export function parseAllowances(value: unknown): readonly AllowanceInput[] {
  if (!Array.isArray(value)) {
    throw invalid(
      'allowances',
      'is not a list',
      'write a list such as [{ provider: gemini, daily_reset_amount: 100000 }]',
    );
  }
  if (value.length > allowancesMax) {
    throw invalid('allowances', `holds ${value.length} allowances`, `give at most ${allowancesMax}`);
  }
  const inputs = value.map((one, index) => parseAllowance(one, `allowances[${index}]`));
  const seen = new Map<string, number>();
  for (const [index, input] of inputs.entries()) {
    const who = JSON.stringify(selectorFields.map((field) => input[field] ?? null));
    const first = seen.get(who);
    if (first !== undefined) {
      throw invalid(`allowances[${index}]`, `is for the same as allowances[${first}]`, 'keep one of them');
    }
    seen.set(who, index);
  }
  return inputs;
}

function parseAllowance(value: unknown, place: string): AllowanceInput {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(place, 'is not an object', 'write it as { provider: gemini, daily_reset_amount: 100000 }');
  }
  const given = value as Readonly<Record<string, unknown>>;
  const selector: Partial<Record<SelectorField, string>> = {};
  for (const [name, entry] of Object.entries(given)) {
    const key = `${place}.${name}`;
    const field = Object.hasOwn(fieldNames, name) ? fieldNames[name]! : undefined;
    if (field === undefined) {
      if ([...amountNames, ...otherNames].includes(name)) continue;
      const known = [...Object.keys(fieldNames), ...amountNames, ...otherNames].join(', ');
      throw invalid(key, 'is not known', `known are ${known}`);
    }
    if (selector[field] !== undefined) throw invalid(key, `says ${field} again`, 'keep one of them');
    if (typeof entry !== 'string' || entry === '') throw invalid(key, 'is not a name', 'write a text, or *');
    selector[field] = entry;
  }
  const zone = given.zone;
  if (zone !== undefined && typeof zone !== 'string') {
    throw invalid(`${place}.zone`, 'is not a name', 'write an IANA zone such as Europe/Berlin');
  }
  return { ...selector, ...amountOf(given, place), ...(zone === undefined ? {} : { zone }) };
}

function amountOf(given: Readonly<Record<string, unknown>>, place: string) {
  const { daily_reset_amount: daily } = given;
  const every = everyOf(given.every, place);
  if (daily !== undefined && daily !== null) {
    const other = ['credits', 'usd'].find((name) => given[name] !== undefined);
    if (other !== undefined) {
      throw invalid(`${place}.${other}`, 'is a second amount beside daily_reset_amount', 'keep one of them');
    }
    if (every === 'never') {
      throw invalid(`${place}.every`, 'never contradicts daily_reset_amount', 'give credits or usd instead');
    }
    return { credits: amount(daily, `${place}.daily_reset_amount`), ...(every && { every }) };
  }
  const names = (['credits', 'usd'] as const).filter((name) => given[name] !== undefined);
  if (names.length !== 1) {
    const key = `${place}.${daily === null ? 'credits' : 'daily_reset_amount'}`;
    const what = names.length === 0 ? 'is missing: how much is it?' : 'and usd are both given';
    throw invalid(
      key,
      what,
      daily === null ? 'give credits or usd' : 'give daily_reset_amount, credits or usd',
    );
  }
  const name = names[0]!;
  if (daily === null && every !== undefined && every !== 'never') {
    throw invalid(
      `${place}.every`,
      `${every} contradicts a daily_reset_amount of null`,
      'leave one of them out',
    );
  }
  const when = daily === null ? ('never' as const) : every;
  return { [name]: amount(given[name], `${place}.${name}`), ...(when && { every: when }) };
}

function everyOf(value: unknown, place: string): Refill | undefined {
  if (value === undefined || refills.includes(value as Refill)) return value as Refill | undefined;
  throw invalid(`${place}.every`, 'is not day, 24h or never', 'write one of these');
}

function amount(value: unknown, key: string): string | number {
  if (typeof value === 'string' || (typeof value === 'number' && value >= 0)) return value;
  throw invalid(key, 'is not an amount', 'write a number such as 100000');
}

function invalid(key: string, what: string, fix: string): NanocentError {
  return new NanocentError('config_invalid', `${key} ${what}`, { field: key, fix });
}
