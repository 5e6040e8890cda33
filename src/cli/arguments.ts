import { parseArgs } from 'node:util';
import { NanocentError } from '../errors/error.ts';
import { nearest } from '../errors/nearest.ts';
import type { Command, OptionSpec } from './command.ts';
import { globalOptions } from './options.ts';
import { visible } from './text.ts';

export interface Argument {
  /** Without the dashes; null for an operand. */
  readonly option: string | null;
  /** Empty for a switch. */
  readonly value: string;
}

/** What stood on the command line, checked for spelling and number; the commands read meaning into it. */
export class Arguments {
  readonly operands: readonly string[];
  /** Options and operands as they stood, where their order says something. */
  readonly sequence: readonly Argument[];
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(sequence: readonly Argument[]) {
    const values = new Map<string, string[]>();
    for (const { option, value } of sequence) {
      if (option !== null) values.set(option, [...(values.get(option) ?? []), value]);
    }
    this.operands = sequence.filter(({ option }) => option === null).map(({ value }) => value);
    this.sequence = sequence;
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  texts(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** Throws field_missing, naming the option. */
  required(name: string, fix: string): string {
    const value = this.text(name);
    if (value !== undefined && value !== '') return value;
    throw new NanocentError('field_missing', `--${name} is missing`, { field: `--${name}`, fix });
  }

  /** A whole number, as a number or as bad input that says so; bounds are the command's. */
  whole(name: string, bounds: { readonly min: number; readonly max: number }): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^[+-]?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= bounds.min && value <= bounds.max) return value;
    throw new NanocentError(
      'field_invalid',
      `--${name} is ${visible(text) || 'empty'}, not a whole number from ${bounds.min} to ${bounds.max}`,
      { field: `--${name}`, fix: `give --${name} a whole number in that range, or leave it out` },
    );
  }
}

/** Options in front of the command are global ones. Throws option_unknown. */
export function findCommandWord(args: readonly string[]): number {
  const { tokens } = parseArgs({
    args: [...args],
    options: configOf(globalOptions),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === 'positional') return token.index;
    if (token.kind === 'option') knownOption(token.rawName, globalOptions, 'before the command');
  }
  return -1;
}

/** Throws option_unknown with the nearest known one, field_missing for a value, field_invalid for what is too much. */
export function parseArguments(args: readonly string[], command: Command): Arguments {
  const specs = [...globalOptions, ...command.options];
  const { tokens } = parseArgs({
    args: [...args],
    options: configOf(specs),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const sequence: Argument[] = [];
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind === 'positional') sequence.push({ option: null, value: token.value });
    if (token.kind !== 'option') continue;
    const spec = knownOption(token.rawName, specs, `for ${command.name}`);
    const value = optionValue(spec, token.value, specs);
    if (seen.has(spec.name) && !spec.multiple && spec.value !== undefined) throw givenTwice(spec.name);
    seen.add(spec.name);
    sequence.push({ option: spec.name, value });
  }
  const given = new Arguments(sequence);
  checkOperands(given.operands, command);
  return given;
}

export function givenTwice(name: string): NanocentError {
  return invalid(`--${name}`, `--${name} is given twice`, 'give it once');
}

type ParseConfig = Record<string, { type: 'string' | 'boolean'; short?: string; multiple: true }>;

function configOf(specs: readonly OptionSpec[]): ParseConfig {
  const config: ParseConfig = {};
  for (const spec of specs) {
    const type = spec.value === undefined ? 'boolean' : 'string';
    config[spec.name] = { type, multiple: true, ...(spec.short === undefined ? {} : { short: spec.short }) };
    for (const name of spec.also ?? []) config[name] = { type, multiple: true };
  }
  return config;
}

function knownOption(rawName: string, specs: readonly OptionSpec[], where: string): OptionSpec {
  const name = rawName.replace(/^--?/, '');
  const spec = specs.find((one) =>
    rawName.startsWith('--') ? one.name === name || one.also?.includes(name) : one.short === name,
  );
  if (spec) return spec;
  const near = nearest(
    name,
    specs.flatMap((one) => [one.name, ...(one.also ?? [])]),
  );
  throw new NanocentError('option_unknown', `there is no option ${visible(rawName)} ${where}`, {
    field: visible(rawName),
    fix: near ? `did you mean --${near}?` : 'see the command with --help',
  });
}

function optionValue(spec: OptionSpec, value: string | undefined, specs: readonly OptionSpec[]): string {
  const option = `--${spec.name}`;
  if (spec.value === undefined) {
    if (value === undefined) return '';
    throw invalid(option, `${option} is a switch and takes no value`, `write ${option} alone`);
  }
  if (value === undefined || isOption(value, specs)) {
    throw new NanocentError('field_missing', `${option} needs a value`, {
      field: option,
      fix: `write ${option} ${spec.value}`,
    });
  }
  if (spec.choices && !spec.choices.some((choice) => choice.toLowerCase() === value.toLowerCase())) {
    const near = nearest(value, spec.choices);
    throw invalid(
      option,
      `${option} is ${visible(value) || 'empty'}, not one of ${spec.choices.join(', ')}`,
      near ? `did you mean ${near}?` : 'use one of these',
    );
  }
  return value;
}

/** `--user --json`: the value was forgotten. A value like -5 or -x is left to whoever reads it. */
function isOption(value: string, specs: readonly OptionSpec[]): boolean {
  return specs.some((spec) => value === `--${spec.name}` || value.startsWith(`--${spec.name}=`));
}

function checkOperands(operands: readonly string[], command: Command): void {
  const { show, min, max } = command.operands ?? { show: '', min: 0, max: 0 };
  if (operands.length < min) {
    throw new NanocentError('field_missing', `${command.name} needs ${show}`, {
      field: show,
      fix: `write nanocent ${command.name} ${show}`,
    });
  }
  if (operands.length > max) {
    const extra = visible(operands[max]!);
    throw invalid(
      extra,
      `${command.name} does not know what to do with ${extra}`,
      'see the command with --help',
    );
  }
}

function invalid(field: string, message: string, fix: string): NanocentError {
  return new NanocentError('field_invalid', message, { field, fix });
}
