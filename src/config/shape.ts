import { nearest } from '../errors/nearest.ts';

/**
 * What one place of a configuration may hold. The check, the reference of docs/configuration.md and the JSON schema are made of
 * the same descriptions.
 */
export type Shape = { readonly about?: string } & (
  | { readonly kind: 'text' | 'flag' | 'amount' | 'null' }
  /** A text, or `{ env: 'NAME' }`, or `{ file: 'PATH' }`; never shown. */
  | { readonly kind: 'secret' }
  /** A file name or a URL, or `{ env: 'NAME' }`; shown without its password. */
  | { readonly kind: 'location' }
  | { readonly kind: 'number'; readonly min: number; readonly max: number; readonly whole?: boolean }
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'table'; readonly fields: Readonly<Record<string, Shape>> }
  /** Names of the user's choice, each with a value of this shape. */
  | { readonly kind: 'map'; readonly name: string; readonly pattern?: RegExp; readonly of: Shape }
  | { readonly kind: 'either'; readonly of: readonly Shape[] }
  /** A function or an object of a class: in a TypeScript or JavaScript configuration only. */
  | { readonly kind: 'code'; readonly what: string }
);

export type Table = Extract<Shape, { kind: 'table' }>;
export type KeyPath = readonly (string | number)[];

export interface Complaint {
  readonly path: KeyPath;
  /** After the key: `is not known`. */
  readonly what: string;
  readonly fix: string;
}

/** Null where the value has the shape; else the first thing that is wrong. */
export function complaintOf(value: unknown, shape: Shape, path: KeyPath = []): Complaint | null {
  switch (shape.kind) {
    case 'table':
      return isEmpty(value) ? null : ofTable(value, shape, path);
    case 'map':
      return isEmpty(value) ? null : ofMap(value, shape, path);
    case 'list':
      return isEmpty(value) ? null : ofList(value, shape, path);
    case 'either':
      return ofEither(value, shape.of, path);
    default:
      return fits(value, shape) ? null : { path, what: unfit(value, shape), fix: `write ${wordsFor(shape)}` };
  }
}

/** `providers.openai.key`, `limits[2].max`. */
export function pathText(path: KeyPath): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : index ? `.${key}` : key)).join('');
}

/** `true or false`, `a list of texts`. */
export function wordsFor(shape: Shape): string {
  switch (shape.kind) {
    case 'text':
      return 'a text';
    case 'flag':
      return 'true or false';
    case 'amount':
      return 'a decimal number';
    case 'null':
      return 'null';
    case 'secret':
      return "{ env: 'NAME' }, { file: 'PATH' } or a text";
    case 'location':
      return "a file name, a URL or { env: 'NAME' }";
    case 'number':
      return `a ${shape.whole ? 'whole ' : ''}number from ${shape.min} to ${shape.max}`;
    case 'choice':
      return anyOf(shape.values);
    case 'list':
      return `a list, each ${wordsFor(shape.of)}`;
    case 'table':
      return `a table of ${Object.keys(shape.fields).join(', ')}`;
    case 'map':
      return `a table by ${shape.name}, each ${wordsFor(shape.of)}`;
    case 'either':
      return anyOf(shape.of.map(wordsFor));
    case 'code':
      return `${shape.what} in a TypeScript or JavaScript configuration`;
  }
}

export function anyOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** A plain object, as against a list or an object of a class. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** YAML's section without anything in it. */
function isEmpty(value: unknown): boolean {
  return value === null || value === undefined;
}

type Simple = Exclude<Shape, { kind: 'table' | 'map' | 'list' | 'either' }>;

function fits(value: unknown, shape: Simple): boolean {
  switch (shape.kind) {
    case 'text':
      return typeof value === 'string' && value !== '';
    case 'flag':
      return typeof value === 'boolean';
    case 'amount':
      return isAmount(value);
    case 'null':
      return value === null;
    case 'secret':
      return (typeof value === 'string' && value !== '') || isReference(value, ['env', 'file']);
    case 'location':
      return (typeof value === 'string' && value !== '') || isReference(value, ['env']);
    case 'number':
      return isNumberIn(value, shape);
    case 'choice':
      return shape.values.includes(value as string);
    case 'code':
      return typeof value === 'function' || isMade(value);
  }
}

/** An object with functions: its class may be another copy of ours, or none. */
function isMade(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !isPlain(value) || Object.values(value).some((one) => typeof one === 'function');
}

function isAmount(value: unknown): boolean {
  if (typeof value === 'string') return /^-?[\d_]+(\.\d+)?$/.test(value.trim());
  if (typeof value !== 'number') return typeof value === 'bigint';
  // A larger whole number was rounded when it was read: it has to be a text.
  return Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
}

function isNumberIn(value: unknown, { min, max, whole }: Extract<Shape, { kind: 'number' }>): boolean {
  if (typeof value !== 'number' || !(value >= min && value <= max)) return false;
  return !whole || Number.isSafeInteger(value);
}

function isReference(value: unknown, names: readonly string[]): boolean {
  if (!isPlain(value)) return false;
  const [[name, text] = [], ...others] = Object.entries(value);
  return others.length === 0 && names.includes(name ?? '') && typeof text === 'string' && text !== '';
}

function ofTable(value: unknown, { fields }: Table, path: KeyPath): Complaint | null {
  if (!isPlain(value)) return { path, what: `is ${said(value)}`, fix: 'write a table of keys and values' };
  const known = Object.keys(fields);
  for (const [name, one] of Object.entries(value)) {
    const inside = [...path, name];
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (!field) {
      const near = nearest(name, known);
      const fix = near ? `did you mean ${near}?` : `known are ${known.join(', ')}`;
      return { path: inside, what: 'is not known', fix };
    }
    const wrong = one === undefined ? null : complaintOf(one, field, inside);
    if (wrong) return wrong;
  }
  return null;
}

function ofMap(value: unknown, shape: Extract<Shape, { kind: 'map' }>, path: KeyPath): Complaint | null {
  if (!isPlain(value)) return { path, what: `is ${said(value)}`, fix: `write a table by ${shape.name}` };
  for (const [name, one] of Object.entries(value)) {
    const inside = [...path, name];
    if (shape.pattern && !shape.pattern.test(name)) {
      return {
        path: inside,
        what: `is no ${shape.name}`,
        fix: `a ${shape.name} matches ${shape.pattern.source}`,
      };
    }
    const wrong = one === undefined ? null : complaintOf(one, shape.of, inside);
    if (wrong) return wrong;
  }
  return null;
}

function ofList(value: unknown, { of }: Extract<Shape, { kind: 'list' }>, path: KeyPath): Complaint | null {
  if (!Array.isArray(value))
    return { path, what: `is ${said(value)}`, fix: `write a list, each ${wordsFor(of)}` };
  for (const [index, one] of value.entries()) {
    const wrong = complaintOf(one, of, [...path, index]);
    if (wrong) return wrong;
  }
  return null;
}

/** Of several shapes the complaint of the one that came furthest says most. */
function ofEither(value: unknown, shapes: readonly Shape[], path: KeyPath): Complaint | null {
  const complaints = shapes.map((shape) => complaintOf(value, shape, path));
  if (complaints.includes(null)) return null;
  const deepest = complaints.reduce((best, one) => (one!.path.length > best!.path.length ? one : best))!;
  if (deepest.path.length > path.length) return deepest;
  return { path, what: `is ${said(value)}`, fix: `write ${anyOf(shapes.map(wordsFor))}` };
}

function unfit(value: unknown, { kind }: Shape): string {
  if (kind === 'amount' && typeof value === 'number')
    return 'has more digits than a number keeps: it has to be a text';
  if (typeof value !== 'string' || value === '') return `is ${said(value)}`;
  return kind === 'choice'
    ? 'is none of its values'
    : kind === 'amount'
      ? 'is no number'
      : `is ${said(value)}`;
}

/** What stands there, without its text: it may be a key. */
function said(value: unknown): string {
  if (value === null || value === '') return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a table';
  if (typeof value === 'string') return 'a text';
  return typeof value === 'function' ? 'a function' : String(value);
}
