import { type Dirent, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentName, agentNames } from './agent-message.ts';

export interface LogFile {
  readonly agent: AgentName;
  readonly path: string;
  readonly bytes: number;
  /** Epoch milliseconds UTC. */
  readonly modifiedAt: number;
}

/** A folder that was looked into. */
export interface LogPlace {
  readonly agent: AgentName;
  readonly folder: string;
  readonly found: boolean;
  readonly files: number;
  readonly bytes: number;
}

export interface FoundLogs {
  /** Oldest change first, so that a resumed session comes after the one it copies from; then by path. */
  readonly files: readonly LogFile[];
  /** Every place of every agent, found or not. */
  readonly places: readonly LogPlace[];
  /** Folders and files that could not be looked at. */
  readonly unreadable: readonly string[];
  /** Files beyond `filesMax`, not looked at. */
  readonly filesLeftOut: number;
  /** The tier that Codex is configured to ask for; its logs do not say. */
  readonly codexTier: string | null;
}

export interface DiscoverOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The user's home folder. */
  readonly home: string;
  /** All agents when left out. */
  readonly agents?: readonly AgentName[];
}

/** Log files taken into account, and how deep below its place one may lie. */
export const filesMax = 200_000;
const depthMax = 8;

/**
 * Finds the logs of coding agents where these keep them. Reads folder listings, file sizes and Codex's configuration, no logs.
 * Places: docs/agents.md. Never throws for a place that is missing or closed.
 */
export function discoverLogs(options: DiscoverOptions): FoundLogs {
  const agents = options.agents ?? agentNames;
  const walk: Walk = { files: [], unreadable: [], leftOut: 0, seenFolders: new Set() };
  const places: LogPlace[] = [];
  for (const agent of agents) {
    const before = walk.files.length;
    for (const folder of folders[agent](options)) places.push(lookInto(walk, agent, folder));
    if (agent === 'codex') preferLive(walk.files, before);
    if (agent === 'opencode') places.push(lookForDatabases(walk, openCodeData(options)));
  }
  const files = walk.files.sort(
    (left, right) => left.modifiedAt - right.modifiedAt || (left.path < right.path ? -1 : 1),
  );
  return {
    files,
    places,
    unreadable: walk.unreadable,
    filesLeftOut: walk.leftOut,
    codexTier: agents.includes('codex') ? codexTier(options) : null,
  };
}

type Where = Pick<DiscoverOptions, 'environment' | 'home'>;

const folders: Readonly<Record<AgentName, (where: Where) => readonly string[]>> = {
  'claude-code': ({ environment, home }) => {
    const named = (environment.CLAUDE_CONFIG_DIR ?? '').split(',').map((folder) => folder.trim());
    const roots = named.some((folder) => folder !== '')
      ? named.filter((folder) => folder !== '')
      : [join(environment.XDG_CONFIG_HOME || join(home, '.config'), 'claude'), join(home, '.claude')];
    return roots.map((root) => join(root, 'projects'));
  },
  codex: (where) => ['sessions', 'archived_sessions'].map((folder) => join(codexHome(where), folder)),
  'gemini-cli': ({ environment, home }) => [join(environment.GEMINI_CLI_HOME || home, '.gemini', 'tmp')],
  opencode: (where) => [join(openCodeData(where), 'storage', 'message')],
};

function openCodeData({ environment, home }: Where): string {
  return (
    environment.OPENCODE_DATA_DIR ||
    join(environment.XDG_DATA_HOME || join(home, '.local', 'share'), 'opencode')
  );
}

const wanted: Readonly<Record<AgentName, RegExp>> = {
  'claude-code': /\.jsonl$/,
  codex: /\.jsonl$/,
  'gemini-cli': /[\\/]chats[\\/][^\\/]+\.jsonl?$/,
  opencode: /\.json$/,
};

function codexHome({ environment, home }: Where): string {
  return environment.CODEX_HOME || join(home, '.codex');
}

interface Walk {
  readonly files: LogFile[];
  readonly unreadable: string[];
  leftOut: number;
  /** Real paths: a folder reached over two names is read once. */
  readonly seenFolders: Set<string>;
}

function lookInto(walk: Walk, agent: AgentName, folder: string): LogPlace {
  const before = walk.files.length;
  const found = listFolder(walk, agent, folder, 0);
  const own = walk.files.slice(before);
  const bytes = own.reduce((sum, file) => sum + file.bytes, 0);
  return { agent, folder, found, files: own.length, bytes };
}

/** `opencode.db`, and `opencode-next.db` of another channel; what lies in their logs of changes counts for size and time. */
function lookForDatabases(walk: Walk, folder: string): LogPlace {
  const found: LogFile[] = [];
  let names: string[] = [];
  try {
    names = readdirSync(folder).filter((name) => /^opencode(-[\w.-]+)?\.db$/.test(name));
  } catch (error) {
    if (!isMissing(error)) walk.unreadable.push(folder);
  }
  for (const name of names) {
    const path = join(folder, name);
    const stats = [path, `${path}-wal`].flatMap((one) => statSync(one, { throwIfNoEntry: false }) ?? []);
    const bytes = stats.reduce((sum, { size }) => sum + size, 0);
    const modifiedAt = Math.floor(Math.max(...stats.map(({ mtimeMs }) => mtimeMs)));
    if (stats.length > 0) found.push({ agent: 'opencode', path, bytes, modifiedAt });
  }
  walk.files.push(...found);
  const bytes = found.reduce((sum, file) => sum + file.bytes, 0);
  const place = join(folder, 'opencode*.db');
  return { agent: 'opencode', folder: place, found: found.length > 0, files: found.length, bytes };
}

/** False when the folder is not there. */
function listFolder(walk: Walk, agent: AgentName, folder: string, depth: number): boolean {
  let entries: Dirent[];
  try {
    const real = realpathSync(folder);
    if (walk.seenFolders.has(real)) return true;
    walk.seenFolders.add(real);
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const missing = isMissing(error);
    if (!missing) walk.unreadable.push(folder);
    return !missing;
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() || entry.isSymbolicLink()) {
      if (depth < depthMax && isFolder(path, entry)) listFolder(walk, agent, path, depth + 1);
    }
    if (!entry.isDirectory() && wanted[agent].test(path)) addFile(walk, agent, path);
  }
  return true;
}

function isFolder(path: string, entry: Dirent): boolean {
  return entry.isDirectory() || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function addFile(walk: Walk, agent: AgentName, path: string): void {
  if (walk.files.length >= filesMax) {
    walk.leftOut += 1;
    return;
  }
  try {
    const stat = statSync(path);
    if (stat.isFile())
      walk.files.push({ agent, path, bytes: stat.size, modifiedAt: Math.floor(stat.mtimeMs) });
  } catch (error) {
    // Gone since it was listed: agents delete old logs.
    if (!isMissing(error)) walk.unreadable.push(path);
  }
}

/** A session lies in both folders while it is being archived: the one in `sessions` is the longer. */
function preferLive(files: LogFile[], from: number): void {
  const key = (path: string) => path.replace(/^.*[\\/](archived_)?sessions[\\/]/, '');
  const own = files.splice(from);
  const live = new Set(own.filter(({ path }) => !isArchived(path)).map(({ path }) => key(path)));
  files.push(...own.filter(({ path }) => !isArchived(path) || !live.has(key(path))));
}

function isArchived(path: string): boolean {
  return /[\\/]archived_sessions[\\/]/.test(path);
}

/** `service_tier = "fast"` at the top of config.toml, before its first section. */
function codexTier(where: Where): string | null {
  try {
    const text = readFileSync(join(codexHome(where), 'config.toml'), 'utf8');
    const top = text.split(/^\s*\[/m, 1)[0]!;
    return /^\s*service_tier\s*=\s*(["'])([^"'\n]+)\1/m.exec(top)?.[2]?.toLowerCase() ?? null;
  } catch {
    // No configuration, or none that we may read: Codex then asks for no tier as far as anybody knows.
    return null;
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP';
}
