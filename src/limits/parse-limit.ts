import { NanocentError } from '../errors/error.ts';
import { parseUsd } from '../money/index.ts';
import { assertWindowRule, parseInterval, type WindowRule } from '../time/index.ts';
import {
  type LimitDraft,
  type LimitKind,
  type LimitScope,
  type LimitType,
  limitScopes,
  limitTypes,
  type Selector,
  type SelectorField,
  selectorFields,
} from './limit.ts';

/** A limit as people write it: words in any case, money in USD. */
export interface LimitInput extends Partial<Record<SelectorField, string | undefined>> {
  readonly scope: string;
  readonly limitType: string;
  /** USD for `cost`, a whole count otherwise; `-1` exempts, `0` denies. */
  readonly max: string;
  /** `day`, `day_rolling`, `monthly`, `lifetime` …; left out for concurrent requests. */
  readonly intervalUnit?: string | undefined;
  readonly intervalValue?: number | undefined;
  /** IANA zone of calendar windows; the ledger's when left out. */
  readonly zone?: string | undefined;
  readonly enforcement?: 'hard' | 'soft' | undefined;
  readonly thresholds?: readonly number[] | undefined;
  readonly source?: 'command' | 'file' | undefined;
  /** Absolute path, where a file sets it. */
  readonly file?: string | undefined;
  readonly kind?: LimitKind | undefined;
}

/** Throws limit_invalid (or amount_invalid, window_invalid, zone_unknown), naming the field and the fix. */
export function checkLimit(input: LimitInput, defaults: { readonly zone: string }): LimitDraft {
  const scope = wordOf<LimitScope>(input.scope, limitScopes, 'scope', (word) => word.toUpperCase());
  const type = wordOf<LimitType>(input.limitType, limitTypes, 'limit-type', (word) => word.toLowerCase());
  return {
    kind: input.kind ?? 'limit',
    scope,
    type,
    max: parseMaximum(input.max, type, 'max-value'),
    window: windowOf(input, type, defaults.zone),
    selector: selectorOf(input, scope),
    enforcement: input.enforcement ?? 'hard',
    thresholds: thresholdsOf(input.thresholds ?? []),
    source: input.source ?? 'command',
    file: input.file ?? null,
  };
}

/** USD for `cost`, a whole count otherwise, or −1. Throws amount_invalid, limit_invalid. */
export function parseMaximum(text: string, type: LimitType, field: string): bigint {
  if (text.trim() === '-1') return -1n;
  if (type === 'cost') return parseUsd(text, { field });
  const whole = /^(\d{1,18})(\.0+)?$/.exec(text.trim());
  if (!whole) {
    throw invalid(field, `${field} ${JSON.stringify(text)} is not a whole number from 0, or -1`);
  }
  return BigInt(whole[1]!);
}

function windowOf(input: LimitInput, type: LimitType, zone: string): WindowRule {
  if (type === 'concurrent_requests') {
    if (input.intervalUnit === undefined) return { kind: 'none' };
    throw invalid('interval-unit', 'concurrent_requests counts what is in flight now and has no interval');
  }
  if (input.intervalUnit === undefined) {
    throw invalid(
      'interval-unit',
      'interval-unit is missing: say over which time the limit counts',
      'give day, month …, or lifetime',
    );
  }
  const rule = parseInterval(input.intervalUnit, {
    zone: input.zone ?? zone,
    field: 'interval-unit',
    ...(input.intervalValue === undefined ? {} : { count: input.intervalValue }),
  });
  assertWindowRule(rule, 'interval-value');
  return rule;
}

/** The field that a scope must name, so that a typing slip never makes a limit wider than meant. */
const fieldOfScope: Readonly<Partial<Record<LimitScope, SelectorField>>> = {
  MODEL: 'model',
  USER: 'username',
  CALLER: 'caller',
  PROJECT: 'project',
  PROVIDER: 'provider',
  KEY: 'key',
  TAG: 'tag',
  SESSION: 'session',
  PURPOSE: 'purpose',
};

function selectorOf(input: LimitInput, scope: LimitScope): Selector {
  const selector: Partial<Record<SelectorField, string>> = {};
  for (const field of selectorFields) {
    const value = input[field];
    if (value === undefined) continue;
    if (value === '' || value.length > 256 || value.includes('\u0000')) {
      throw invalid(field, `${field} must have 1 to 256 characters and no NUL`);
    }
    selector[field] = value;
  }
  if (scope === 'GLOBAL' && Object.keys(selector).length > 0) {
    const field = Object.keys(selector)[0]!;
    throw invalid(
      field,
      `a GLOBAL limit covers everything; ${field} would narrow it`,
      'use the scope of that field',
    );
  }
  const needed = fieldOfScope[scope];
  if (needed && selector[needed] === undefined) {
    throw invalid(needed, `a ${scope} limit needs ${needed}`, `name one, or give * for one counter each`);
  }
  return selector;
}

function thresholdsOf(thresholds: readonly number[]): readonly number[] {
  const wrong = thresholds.find(
    (threshold) => !Number.isInteger(threshold) || threshold < 1 || threshold > 1000,
  );
  if (wrong !== undefined)
    throw invalid('threshold', `threshold ${wrong} is not a percentage from 1 to 1000`);
  return [...new Set(thresholds)].sort((left, right) => left - right);
}

function wordOf<T extends string>(
  word: string,
  words: readonly T[],
  field: string,
  fold: (word: string) => string,
): T {
  const found = words.find((one) => one === fold(word ?? ''));
  if (found) return found;
  throw invalid(field, `${field} ${JSON.stringify(word)} is none of ${words.join(', ')}`);
}

function invalid(field: string, message: string, fix?: string): NanocentError {
  return new NanocentError('limit_invalid', message, fix === undefined ? { field } : { field, fix });
}
