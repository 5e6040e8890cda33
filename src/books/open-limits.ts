import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type ReadLimits, readLimits } from '../config/limits-reader.ts';
import type { LoadedConfig } from '../config/read-config-file.ts';
import { writtenOf } from '../config/written.ts';
import { NanocentError } from '../errors/error.ts';

export interface FindLimitsOptions {
  /** The limits themselves, or the name of a file that holds them. */
  readonly limits?: object | string | undefined;
  readonly config: LoadedConfig | null;
  /** The working folder. */
  readonly folder: string;
}

/** Stands for the file of limits that a program says. */
const byOption = 'openBooks({ limits })';
/** Names that are looked for in the working folder. */
const usualNames = ['limits.yaml', 'limits.yml'];
/** Written by hand. */
const fileCharactersMax = 1_000_000;

/**
 * The limits that were written down: by the program, else in the configuration, else in `limits.yaml` of the working
 * folder; null where nowhere. Throws config_invalid, naming file, line and key, and file_not_found.
 */
export async function findLimits(options: FindLimitsOptions): Promise<ReadLimits | null> {
  const { limits, config, folder } = options;
  if (typeof limits === 'object') return readLimits(writtenOf(limits), { name: byOption, file: byOption });
  if (limits !== undefined) return readFileOf(resolve(folder, limits));
  if (config?.roots.limits !== undefined) return configuredLimits(config);
  const usual = usualNames.map((name) => join(folder, name)).find((file) => existsSync(file));
  return usual === undefined ? null : readFileOf(usual);
}

/** The root `limits`: the limits, or the name of a file beside the configuration. */
async function configuredLimits({ name, folder, roots, limits }: LoadedConfig): Promise<ReadLimits> {
  if (typeof roots.limits === 'string') return readFileOf(resolve(folder, roots.limits));
  return readLimits(limits, { name, file: name });
}

async function readFileOf(file: string): Promise<ReadLimits> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const missing = error.code === 'ENOENT';
    throw new NanocentError(
      missing ? 'file_not_found' : 'config_invalid',
      missing ? `there is no file ${file}` : `${file} cannot be read (${error.code})`,
      { field: 'limits', fix: 'check the path' },
    );
  });
  if (text.length > fileCharactersMax) {
    throw new NanocentError('config_invalid', `${file} is longer than ${fileCharactersMax} characters`, {
      field: 'limits',
      fix: 'let * stand for one limit each',
    });
  }
  const { parseYaml } = await import('../config/parse-yaml.ts');
  return readLimits(parseYaml(text, file), { name: file, file });
}
