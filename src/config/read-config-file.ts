import { readFile } from 'node:fs/promises';
import { NanocentError } from '../errors/error.ts';

/** What a configuration file says, by root; each root is read by the room that it configures. */
export interface ConfigFile {
  readonly name: string;
  readonly roots: Readonly<Record<string, unknown>>;
}

/** A configuration is written by hand. */
const configCharactersMax = 1_000_000;
/** Roots that this version acts on. */
const readRoots = ['prices', 'limits', 'allowances', 'accountants'];
/** Roots that are part of the format, and whose settings are still options and environment variables. */
const laterRoots = [
  ...['store', 'providers', 'models', 'purposes', 'promptLog', 'audit'],
  ...['keys', 'gateway', 'dashboard', 'select', 'zone'],
];

/** Reads a JSON configuration. Throws config_invalid, naming the file and the root, for anything that would not be acted on. */
export async function readConfigFile(file: string): Promise<ConfigFile> {
  if (!/\.json$/i.test(file)) {
    throw invalid(file, null, 'is not a .json file', 'write the configuration as nanocent.config.json');
  }
  const roots = parse(file, await textOf(file));
  for (const root of Object.keys(roots)) {
    if (readRoots.includes(root)) continue;
    if (!laterRoots.includes(root)) {
      throw invalid(file, root, 'is not known', `known is: ${readRoots.join(', ')}`);
    }
    throw invalid(
      file,
      root,
      'is not read by this version',
      'leave it out, and use options and environment variables for it',
    );
  }
  return { name: file, roots };
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw invalid(file, null, `cannot be read (${(error as NodeJS.ErrnoException).code})`, 'check the path');
  }
}

function parse(file: string, text: string): Readonly<Record<string, unknown>> {
  let value: unknown = null;
  try {
    if (text.length <= configCharactersMax) value = JSON.parse(text);
  } catch {
    // The parser's words would repeat the file, which may hold keys.
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw invalid(file, null, 'is not a JSON object', 'write an object such as { "prices": { … } }');
}

function invalid(file: string, root: string | null, what: string, fix: string): NanocentError {
  const place = root === null ? file : `${file}, root ${root},`;
  return new NanocentError('config_invalid', `${place} ${what}`, { field: root ?? 'config', fix });
}
