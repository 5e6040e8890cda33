import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NanocentError } from '../errors/error.ts';
import type { NanocentConfig } from './config.ts';
import { configuration, laterRoots } from './description.ts';
import { loadModule, loadTrouble } from './load-module.ts';
import { literalSecrets } from './secrets.ts';
import { withPlugins } from './seed-plugins.ts';
import { type Complaint, complaintOf, isPlain, type KeyPath, pathText } from './shape.ts';
import { type Written, type WrittenField, writtenOf } from './written.ts';

/** A configuration whose every key was checked. */
export interface LoadedConfig {
  /** As errors name it, and as limits remember where they come from. */
  readonly name: string;
  /** The file; null where a program says it. */
  readonly file: string | null;
  /** Paths in it are taken from here. */
  readonly folder: string;
  readonly roots: NanocentConfig;
  /** The root `limits` with its lines, where the file has any. */
  readonly limits: Written;
  /** Said to whoever opens it: keys that stand in the file, settings of plug-ins that nothing acts on. */
  readonly warnings: readonly string[];
}

/** A configuration is written by hand. */
const charactersMax = 1_000_000;

interface Read {
  readonly value: unknown;
  /** Where YAML or JSON was read. */
  readonly text: string | null;
}

/** Reads and checks it. Throws config_invalid, naming the file, the line, the key and the nearest known one. */
export async function readConfigFile(file: string): Promise<LoadedConfig> {
  const { value, text } = await read(file);
  const written = text === null || file.endsWith('.json') ? null : (await yaml(text, file)).written;
  const source = { name: file, file, folder: dirname(file) };
  return checked(value, source, written, async (path) => {
    if (text === null) return null;
    return lineOf((await yaml(text, file)).written, path);
  });
}

/** The same of an object that a program gives. */
export function checkConfig(value: unknown, folder: string): Promise<LoadedConfig> {
  const name = 'openBooks({ config })';
  return checked(value, { name, file: null, folder }, null, async () => null);
}

async function checked(
  value: unknown,
  source: Pick<LoadedConfig, 'name' | 'file' | 'folder'>,
  written: Written | null,
  lineAt: (path: KeyPath) => Promise<number | null>,
): Promise<LoadedConfig> {
  const { name } = source;
  if (!isPlain(value ?? {})) {
    const fix = 'write a table such as { "providers": { … }, "limits": { … } }';
    throw new NanocentError('config_invalid', `${name} is not a table of settings`, { field: 'config', fix });
  }
  const { $schema: _, ...roots } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const wrong = laterComplaint(roots) ?? complaintOf(roots, configuration);
  if (wrong) {
    const line = await lineAt(wrong.path);
    const key = pathText(wrong.path);
    const place = line === null ? key : `line ${line}, ${key}`;
    throw new NanocentError('config_invalid', `${name}, ${place} ${wrong.what}`, {
      field: key,
      fix: wrong.fix,
    });
  }
  const literal =
    source.file !== null && /\.(ya?ml|json)$/i.test(source.file) ? literalSecrets(roots, configuration) : [];
  const translated = withPlugins(roots, name);
  const filled = Object.entries(translated.roots).filter(([, one]) => one !== null && one !== undefined);
  const plain = Object.fromEntries(filled);
  return {
    ...source,
    roots: plain as NanocentConfig,
    limits: fieldOf(written, 'limits')?.value ?? writtenOf(plain.limits),
    warnings: [
      ...literal.map((key) => `${key} stands in ${name} itself; { env: 'NAME' } keeps it out of the file`),
      ...translated.notes,
    ],
  };
}

function laterComplaint(roots: object): Complaint | null {
  const later = Object.keys(roots).find((root) => laterRoots.includes(root));
  if (later === undefined) return null;
  return { path: [later], what: 'is not read by this version', fix: 'leave it out' };
}

async function read(file: string): Promise<Read> {
  if (/\.[mc]?[jt]s$/i.test(file)) return { value: await exported(file), text: null };
  if (!/\.(ya?ml|json)$/i.test(file)) {
    throw invalid(file, 'is no configuration', 'write it as .ts, .js, .yaml or .json');
  }
  const text = await textOf(file);
  if (!/\.json$/i.test(file)) return { value: (await yaml(text, file)).value, text };
  try {
    return { value: JSON.parse(text), text };
  } catch {
    // The parser's words would repeat the file, which may hold keys.
    throw invalid(file, 'is not JSON', 'correct it, or write it as .yaml');
  }
}

/** The default export: the settings, or a function that gives them. */
async function exported(file: string): Promise<unknown> {
  const url = pathToFileURL(file).href;
  let value: unknown;
  try {
    const { default: standard } = await loadModule(url);
    value = typeof standard === 'function' ? await standard() : await standard;
  } catch (cause) {
    if (NanocentError.is(cause)) throw cause;
    const { message, fix } = loadTrouble(cause);
    throw new NanocentError('config_invalid', `${file} cannot be loaded: ${message}`, {
      field: 'config',
      fix,
      cause,
    });
  }
  if (value !== undefined && value !== null) return value;
  throw invalid(file, 'exports nothing as its default', 'write export default { … }');
}

async function textOf(file: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw invalid(file, `cannot be read (${(error as NodeJS.ErrnoException).code})`, 'check the path');
  }
  if (text.length <= charactersMax) return text;
  throw invalid(
    file,
    `is longer than ${charactersMax} characters`,
    'keep prices and limits in files of their own',
  );
}

async function yaml(text: string, file: string) {
  // The parser takes longer to load than most commands to run.
  const { readYaml } = await import('./parse-yaml.ts');
  return readYaml(text, file);
}

/** The line of a key, or of the nearest place around it. */
function lineOf(written: Written, path: KeyPath): number | null {
  let line = written.line;
  let here = written;
  for (const key of path) {
    const field: WrittenField | undefined = typeof key === 'string' ? fieldOf(here, key) : undefined;
    const inside: Written | undefined =
      field?.value ?? (here.kind === 'list' ? here.items[Number(key)] : undefined);
    if (!inside) return line;
    here = inside;
    line = field?.line ?? here.line;
  }
  return line;
}

function fieldOf(written: Written | null, name: string): WrittenField | undefined {
  return written?.kind === 'fields' ? written.fields.find((field) => field.name === name) : undefined;
}

function invalid(file: string, what: string, fix: string): NanocentError {
  return new NanocentError('config_invalid', `${file} ${what}`, { field: 'config', fix });
}
