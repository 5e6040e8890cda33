import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { NanocentError } from '../errors/error.ts';
import { isPlain, type KeyPath, pathText, type Shape } from './shape.ts';

/** A key or password: where it stands, or itself. */
export type SecretInput = string | { readonly env: string } | { readonly file: string };

const fileCharactersMax = 65_536;

export interface SecretPlace {
  /** `providers.openai.key`, for messages. */
  readonly name: string;
  /** Relative files are taken from here. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Throws config_invalid, naming the key of the configuration and where the secret should be, never the secret. */
export function readSecret(secret: SecretInput, place: SecretPlace): string {
  if (typeof secret === 'string') return secret;
  if ('env' in secret) {
    const value = place.environment[secret.env]?.trim();
    if (value) return value;
    throw missing(place, `the environment has no ${secret.env}`, `set ${secret.env}`);
  }
  const file = resolve(place.folder, secret.file);
  let text = '';
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw missing(
      place,
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code})`,
      'check the path',
    );
  }
  if (text !== '' && text.length <= fileCharactersMax) return text;
  throw missing(place, `${file} is empty or too long`, 'write the secret alone into it');
}

/** The same value with every secret in it replaced; what a program has made is named by its kind. */
export function withoutSecrets(value: unknown, shape: Shape): unknown {
  if (value === null || value === undefined) return value;
  switch (shape.kind) {
    case 'secret':
      return typeof value === 'string' ? '[secret]' : value;
    case 'location':
      return typeof value === 'string' ? withoutPassword(value) : value;
    case 'list':
      return Array.isArray(value) ? value.map((one) => withoutSecrets(one, shape.of)) : '[unknown]';
    case 'table':
      return isPlain(value) ? mapped(value, (name) => shape.fields[name]) : '[unknown]';
    case 'map':
      return isPlain(value) ? mapped(value, () => shape.of) : '[unknown]';
    case 'either':
      return withoutSecrets(value, alternativeOf(value, shape.of));
    default:
      return plainly(value);
  }
}

/** Keys that stand in the file itself: `providers.openai.key`. */
export function literalSecrets(value: unknown, shape: Shape, path: KeyPath = []): readonly string[] {
  if (value === null || value === undefined) return [];
  if (shape.kind === 'secret') return typeof value === 'string' ? [pathText(path)] : [];
  if (shape.kind === 'list' && Array.isArray(value)) {
    return value.flatMap((one, index) => literalSecrets(one, shape.of, [...path, index]));
  }
  if (shape.kind === 'either') return literalSecrets(value, alternativeOf(value, shape.of), path);
  if ((shape.kind !== 'table' && shape.kind !== 'map') || !isPlain(value)) return [];
  return Object.entries(value).flatMap(([name, one]) => {
    const field = shape.kind === 'map' ? shape.of : shape.fields[name];
    return field ? literalSecrets(one, field, [...path, name]) : [];
  });
}

function mapped(value: Readonly<Record<string, unknown>>, shapeOf: (name: string) => Shape | undefined) {
  const shown = Object.entries(value).map(([name, one]) => {
    const shape = shapeOf(name);
    return [name, shape ? withoutSecrets(one, shape) : '[unknown]'];
  });
  return Object.fromEntries(shown);
}

/** The table or list among them for a table or list, else what holds single values. */
function alternativeOf(value: unknown, shapes: readonly Shape[]): Shape {
  const kinds = Array.isArray(value)
    ? ['list']
    : isPlain(value)
      ? ['table', 'map', 'secret', 'location']
      : [];
  const found = shapes.find((shape) => kinds.includes(shape.kind));
  return found ?? shapes.find((shape) => !['list', 'table', 'map'].includes(shape.kind)) ?? { kind: 'text' };
}

function plainly(value: unknown): unknown {
  if (typeof value === 'function') return '[function]';
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || isPlain(value) || Array.isArray(value)) return value;
  return `[${value?.constructor.name}]`;
}

function withoutPassword(location: string): string {
  return location
    .replace(/(:\/\/[^/:@]*:)[^@]*@/, '$1[secret]@')
    .replace(/(password=)[^&\s]*/gi, '$1[secret]');
}

function missing({ name }: SecretPlace, what: string, fix: string): NanocentError {
  return new NanocentError('config_invalid', `${name}: ${what}`, { field: name, fix });
}
