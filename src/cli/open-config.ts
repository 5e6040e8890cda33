import { configNames } from '../config/find-config.ts';
import { loadConfig } from '../config/load-config.ts';
import type { LoadedConfig } from '../config/read-config-file.ts';
import { NanocentError } from '../errors/error.ts';
import type { Shell } from './shell.ts';
import { shown } from './shown-path.ts';

const opened = new WeakMap<Shell, Promise<LoadedConfig | null>>();

/** The configuration that options, environment or the working folder name, read once; says which one it is. */
export function openConfig(shell: Shell): Promise<LoadedConfig | null> {
  const known = opened.get(shell);
  if (known) return known;
  const opening = read(shell);
  opened.set(shell, opening);
  return opening;
}

/** Throws file_not_found where there is none. */
export async function configOrFail(shell: Shell): Promise<LoadedConfig> {
  const config = await openConfig(shell);
  if (config) return config;
  throw new NanocentError('file_not_found', `there is no configuration in ${process.cwd()}`, {
    field: '--config',
    fix: `write ${configNames.join(', ')}, or name one with --config`,
  });
}

async function read(shell: Shell): Promise<LoadedConfig | null> {
  const { arguments: given, terminal, noteStyle } = shell;
  const [config, folder] = [given.text('config'), process.cwd()];
  const loaded = await loadConfig({ config, environment: terminal.environment, folder });
  if (loaded?.file) shell.note(noteStyle.dim(`configuration ${shown(loaded.file)}`));
  for (const warning of loaded?.warnings ?? []) shell.note(noteStyle.yellow(`warning: ${warning}`));
  return loaded;
}
