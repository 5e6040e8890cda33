import { NanocentError } from '../errors/error.ts';
import { nearest } from '../errors/nearest.ts';
import { type Selector, type SelectorField, selectorFields } from '../limits/limit.ts';
import { parseLimitKey, scopeOf } from '../limits/limit-key.ts';
import type { LimitInput } from '../limits/parse-limit.ts';
import type { Written, WrittenField } from './written.ts';

/** One limit of a file, not yet checked, with the place to name when it is wrong. */
export interface WrittenLimit {
  readonly input: LimitInput;
  /** `line 7, users.john_doe.daily_requests`. */
  readonly place: string;
}

/** Everything that one place says. */
export interface ReadLimits {
  /** As errors name it. */
  readonly name: string;
  /** Absolute path, or what stands for it where a program says them. */
  readonly file: string;
  readonly limits: readonly WrittenLimit[];
}

/** A file is written by hand; so many limits are matched in well under a millisecond a call. */
const limitsMax = 5_000;

/** Each section names values of one field. */
const sections: Readonly<Record<string, SelectorField>> = {
  models: 'model',
  users: 'username',
  callers: 'caller',
  projects: 'project',
  providers: 'provider',
  keys: 'key',
  tags: 'tag',
  sessions: 'session',
  purposes: 'purpose',
};

/** Reads both forms of docs/limits.md. Throws config_invalid, naming file, line and key, and the nearest known key. */
export function readLimits(written: Written, source: Omit<ReadLimits, 'limits'>): ReadLimits {
  const limits = new LimitsReader(source.name).read(written);
  if (limits.length <= limitsMax) return { ...source, limits };
  const message = `${source.name} has ${limits.length} limits, more than ${limitsMax}`;
  throw new NanocentError('config_invalid', message, {
    field: 'limits',
    fix: 'let * stand for one limit each',
  });
}

type Zone = { readonly zone?: string };

class LimitsReader {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  read(written: Written): WrittenLimit[] {
    if (written.kind === 'list') return this.#list(written, 'limits', {});
    const fields = this.#fields(written, '');
    const zone = fields.find(({ name }) => name === 'zone');
    const defaults: Zone = zone ? { zone: this.#text(zone, 'zone') } : {};
    return fields.flatMap((field) => {
      const { name, value } = field;
      if (name === 'zone') return [];
      if (name === 'global') return this.#keys(value, name, {}, defaults);
      if (name === 'limits') return this.#list(value, name, defaults);
      const selected = Object.hasOwn(sections, name) ? sections[name] : undefined;
      if (!selected) throw this.#unknown(field, '', ['global', 'limits', 'zone', ...Object.keys(sections)]);
      return this.#fields(value, name).flatMap((one) =>
        this.#keys(one.value, `${name}.${one.name}`, { [selected]: one.name }, defaults),
      );
    });
  }

  /** `daily_tokens: 100000` and its kin under one subject. */
  #keys(written: Written, path: string, selector: Selector, defaults: Zone): WrittenLimit[] {
    return this.#fields(written, path).map((field) => {
      const place = placeOf(field.line, `${path}.${field.name}`);
      const key = this.#at(place, () => parseLimitKey(field.name));
      const zone = key.intervalUnit === undefined ? {} : defaults;
      const max = this.#text(field, `${path}.${field.name}`).replace(/(?<=\d)_(?=\d)/g, '');
      return { place, input: { ...selector, ...key, ...zone, scope: scopeOf(selector), max } };
    });
  }

  /** The form with every field of a limit. */
  #list(written: Written, path: string, defaults: Zone): WrittenLimit[] {
    if (written.kind === 'nothing') return [];
    if (written.kind !== 'list') {
      throw this.#wrong(placeOf(written.line, path), 'is not a list', 'begin each limit with a hyphen');
    }
    return written.items.map((item, index) => this.#listed(item, `${path}[${index + 1}]`, defaults));
  }

  #listed(written: Written, path: string, defaults: Zone): WrittenLimit {
    const fields = this.#fields(written, path);
    const stray = fields.find(({ name }) => !listedFields.includes(name));
    if (stray) throw this.#unknown(stray, `${path}.`, listedFields);
    const get = (name: string) =>
      fields.find((field) => field.name === name && field.value.kind !== 'nothing');
    const text = (name: string) => {
      const field = get(name);
      return field && this.#text(field, `${path}.${name}`);
    };
    const place = placeOf(written.line, path);
    const needed = (name: string) => {
      const found = text(name);
      if (found !== undefined) return found;
      throw this.#wrong(place, `has no ${name}`, `say its ${name}`);
    };
    const selector: Partial<Record<SelectorField, string>> = {};
    for (const field of selectorFields) {
      const value = text(field);
      if (value !== undefined) selector[field] = value;
    }
    const interval = this.#interval(get('interval')?.value, `${path}.interval`);
    const zone = text('zone') ?? interval.zone ?? defaults.zone;
    const input: LimitInput = {
      ...selector,
      scope: text('scope') ?? scopeOf(selector),
      limitType: needed('type'),
      max: needed('max').replace(/(?<=\d)_(?=\d)/g, ''),
      intervalUnit: interval.unit,
      intervalValue: interval.value,
      enforcement: this.#enforcement(get('enforcement'), get('soft'), path),
      thresholds: this.#thresholds(get('thresholds'), path),
      ...(zone === undefined ? {} : { zone }),
    };
    return { place, input };
  }

  /** `day`, or unit, value, mode and zone as `limits list --json` shows them. */
  #interval(written: Written | undefined, path: string) {
    if (written === undefined) return {};
    if (written.kind === 'text') return { unit: written.text };
    const fields = this.#fields(written, path);
    const stray = fields.find(({ name }) => !intervalFields.includes(name));
    if (stray) throw this.#unknown(stray, `${path}.`, intervalFields);
    const get = (name: string) => {
      const field = fields.find((one) => one.name === name && one.value.kind !== 'nothing');
      return field && this.#text(field, `${path}.${name}`);
    };
    const mode = get('mode') ?? 'calendar';
    const modes = ['calendar', 'rolling', 'lifetime', 'none'];
    if (!modes.includes(mode)) {
      throw this.#wrong(
        placeOf(written.line, path),
        `has the mode ${mode}`,
        `use one of ${modes.join(', ')}`,
      );
    }
    if (mode === 'none') return {};
    const value = get('value');
    const unit =
      mode === 'lifetime' ? 'lifetime' : `${get('unit') ?? ''}${mode === 'rolling' ? '_rolling' : ''}`;
    return { unit, value: value === undefined ? undefined : Number(value), zone: get('zone') };
  }

  #enforcement(word: WrittenField | undefined, soft: WrittenField | undefined, path: string) {
    const text = word
      ? this.#text(word, `${path}.enforcement`)
      : soft && this.#text(soft, `${path}.soft`) === 'true'
        ? 'soft'
        : 'hard';
    if (text === 'hard' || text === 'soft') return text;
    const place = placeOf(word!.line, `${path}.enforcement`);
    throw this.#wrong(place, `is ${text}`, 'write hard or soft');
  }

  #thresholds(field: WrittenField | undefined, path: string): number[] {
    if (!field) return [];
    const { value } = field;
    const items = value.kind === 'list' ? value.items : [value];
    return items.map((item) =>
      Number(this.#text({ ...field, value: item }, `${path}.thresholds`).replace(/%$/, '')),
    );
  }

  #fields(written: Written, path: string): readonly WrittenField[] {
    if (written.kind === 'nothing') return [];
    if (written.kind === 'fields') return written.fields;
    throw this.#wrong(
      placeOf(written.line, path),
      'is not a table of keys and values',
      'write key: value, one a line',
    );
  }

  #text({ value, line }: WrittenField, path: string): string {
    if (value.kind === 'text') return value.text;
    const what = value.kind === 'nothing' ? 'has no value' : 'is not a single value';
    throw this.#wrong(placeOf(line, path), what, 'write one number or word');
  }

  #unknown(field: WrittenField, path: string, known: readonly string[]): NanocentError {
    const near = nearest(field.name, known);
    const fix = near ? `did you mean ${near}?` : `known are ${known.join(', ')}`;
    return this.#wrong(placeOf(field.line, `${path}${field.name}`), 'is not known', fix);
  }

  /** Says where, whatever is thrown. */
  #at<T>(place: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw placed(error, this.#file, place);
    }
  }

  #wrong(place: string, what: string, fix: string): NanocentError {
    return new NanocentError('config_invalid', `${this.#file}, ${place} ${what}`, { field: 'limits', fix });
  }
}

const intervalFields = ['unit', 'value', 'mode', 'zone'];
const listedFields = [
  ...['scope', 'type', 'max', 'interval', 'zone', 'enforcement', 'soft', 'thresholds'],
  ...selectorFields,
];

/** The same complaint as one about a place in a file. */
export function placed(error: unknown, file: string, place: string): unknown {
  if (!NanocentError.is(error) || error.kind !== 'invalid') return error;
  return new NanocentError('config_invalid', `${file}, ${place}: ${error.message}`, {
    field: 'limits',
    ...(error.fix === undefined ? {} : { fix: error.fix }),
    cause: error,
  });
}

function placeOf(line: number | null, path: string): string {
  return line === null ? path : `line ${line}, ${path}`;
}
