import { NanocentError } from '../errors/error.ts';
import type { SelectorField } from '../limits/limit.ts';
import { parseLimitKey, scopeOf } from '../limits/limit-key.ts';
import type { LimitInput } from '../limits/parse-limit.ts';
import type { Arguments } from './arguments.ts';
import { visible } from './text.ts';

/** Options that say whom a limit covers, and the field of each. */
export const fieldOfOption: Readonly<Record<string, SelectorField>> = {
  model: 'model',
  provider: 'provider',
  username: 'username',
  'caller-name': 'caller',
  project: 'project',
  key: 'key',
  session: 'session',
  purpose: 'purpose',
  tag: 'tag',
};

export type LimitFields = Readonly<Partial<Record<SelectorField, string>>>;

/** Whom the options name. */
export function limitFieldsFrom(given: Arguments): LimitFields {
  const pairs = Object.entries(fieldOfOption).flatMap(([option, field]) => {
    const value = given.text(option);
    return value === undefined ? [] : [[field, value]];
  });
  return Object.fromEntries(pairs);
}

/** What every limit of a line has in common. */
type Common = Pick<LimitInput, 'zone' | 'enforcement' | 'thresholds'>;

/**
 * Several limits on one line: `--global daily_tokens=150000 --model gpt-4 hourly_requests=75`. Options that name somebody begin
 * a group, together where they follow each other; what is set after them is theirs. Throws field_invalid, limit_invalid.
 */
export function groupedLimits(given: Arguments, common: Common): LimitInput[] {
  const limits: LimitInput[] = [];
  let whom: Group = { fields: {}, isGlobal: false, isUsed: true };
  for (const { option, value } of given.sequence) {
    if (option === null) {
      whom = { ...whom, isUsed: true };
      limits.push({ ...limitOf(value, whom, common) });
    } else if (option === 'global' || Object.hasOwn(fieldOfOption, option)) {
      whom = widened(whom, option, value);
    }
  }
  if (whom.isUsed) return limits;
  throw invalid(
    'limits',
    'nothing is set for the last one named',
    'end with a limit such as daily_tokens=1000',
  );
}

interface Group {
  readonly fields: LimitFields;
  readonly isGlobal: boolean;
  /** A limit was set for it: the next option begins another. */
  readonly isUsed: boolean;
}

function widened(whom: Group, option: string, value: string): Group {
  const start: Pick<Group, 'fields' | 'isGlobal'> = whom.isUsed ? { fields: {}, isGlobal: false } : whom;
  if (option === 'global') return { ...start, isGlobal: true, isUsed: false };
  const field = fieldOfOption[option]!;
  if (start.fields[field] !== undefined) {
    throw invalid(
      `--${option}`,
      `--${option} stands twice in front of the same limits`,
      'name one at a time',
    );
  }
  return { ...start, fields: { ...start.fields, [field]: value }, isUsed: false };
}

function limitOf(pair: string, { fields, isGlobal }: Group, common: Common): LimitInput {
  const equals = pair.indexOf('=');
  if (equals < 1) {
    throw invalid(
      'limits',
      `${visible(pair) || 'an empty word'} is no limit`,
      'write it as daily_tokens=1000',
    );
  }
  const named = Object.keys(fields).length > 0;
  if (isGlobal && named) {
    throw invalid(
      '--global',
      '--global covers everything; the option beside it would narrow it',
      'leave --global out',
    );
  }
  if (!isGlobal && !named) {
    throw invalid(
      'limits',
      `nothing says whom ${visible(pair)} is for`,
      'put --global, --model, --user … in front of it',
    );
  }
  const key = parseLimitKey(pair.slice(0, equals));
  const { zone, ...rest } = common;
  const zoned = zone === undefined || key.intervalUnit === undefined ? {} : { zone };
  return { ...rest, ...zoned, ...fields, ...key, scope: scopeOf(fields), max: pair.slice(equals + 1) };
}

function invalid(field: string, message: string, fix: string): NanocentError {
  return new NanocentError('field_invalid', message, { field, fix });
}
