import { loadConfig } from '../config/load-config.ts';
import type { LoadedConfig } from '../config/read-config-file.ts';
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

async function read(shell: Shell): Promise<LoadedConfig | null> {
  const { arguments: given, terminal, noteStyle } = shell;
  const [config, folder] = [given.text('config'), process.cwd()];
  const loaded = await loadConfig({ config, environment: terminal.environment, folder });
  if (loaded?.file) shell.note(noteStyle.dim(`configuration ${shown(loaded.file)}`));
  for (const warning of loaded?.warnings ?? []) shell.note(noteStyle.yellow(`warning: ${warning}`));
  return loaded;
}
