import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type ReadLimits, readLimits } from '../config/limits-reader.ts';
import { writtenOf } from '../config/written.ts';
import { NanocentError } from '../errors/error.ts';
import type { Environment } from './store-location.ts';

export interface FindLimitsOptions {
  /** The limits themselves, or the name of a file that holds them. */
  readonly limits?: object | string | undefined;
  /** A configuration file; NANOCENT_CONFIG when left out. */
  readonly config?: string | undefined;
  readonly environment: Environment;
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
  const { limits, environment, folder } = options;
  if (typeof limits === 'object') return readLimits(writtenOf(limits), { name: byOption, file: byOption });
  if (limits !== undefined) return readFileOf(resolve(folder, limits));
  const config = options.config ?? (environment.NANOCENT_CONFIG || undefined);
  const configured = config === undefined ? null : await configuredLimits(resolve(folder, config));
  if (configured) return configured;
  const usual = usualNames.map((name) => join(folder, name)).find((file) => existsSync(file));
  return usual === undefined ? null : readFileOf(usual);
}

/** The root `limits`: the limits, or the name of a file beside the configuration. */
async function configuredLimits(config: string): Promise<ReadLimits | null> {
  const { readConfigFile } = await import('../config/read-config-file.ts');
  const { roots } = await readConfigFile(config);
  if (roots.limits === undefined) return null;
  if (typeof roots.limits === 'string') return readFileOf(resolve(dirname(config), roots.limits));
  return readLimits(writtenOf(roots.limits), { name: config, file: config });
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
