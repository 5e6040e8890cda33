import { type SpawnSyncOptionsWithStringEncoding, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

/** What a person has who just cloned the repository: folders of their own, and an environment without our tools. */

export const checkout = dirname(dirname(import.meta.dirname));

/** The environment without npm's variables, CI's flags and the Node pinned in this checkout. */
export function plainEnvironment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_|CI$|INIT_CWD$|NANOCENT_|DATABASE_URL$|NEON_)/i.test(name),
  );
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter), ...extra };
}

/** A new folder with a space in its name, gone when the scope ends. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'nano cent '));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs to its end, at most five minutes. */
export function command(
  program: string,
  args: readonly string[],
  options: Partial<SpawnSyncOptionsWithStringEncoding> = {},
): Ended {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    env: plainEnvironment(),
    timeout: 300_000,
    ...options,
    encoding: 'utf8',
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

/** As `command`, and throws with everything it printed when it fails. */
export function succeed(
  program: string,
  args: readonly string[],
  options?: Partial<SpawnSyncOptionsWithStringEncoding>,
): string {
  const { status, stdout, stderr } = command(program, args, options);
  if (status === 0) return stdout;
  throw new Error(`${program} ${args.join(' ')} ended with ${status}\n${stdout}\n${stderr}`);
}

/** The files of this checkout that are or may be committed, as they are now, without node_modules. */
export function copyCheckout(target: string): void {
  const listed = succeed('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: checkout,
  });
  for (const file of listed.split('\n').filter((name) => name !== '' && existsSync(join(checkout, name)))) {
    mkdirSync(dirname(join(target, file)), { recursive: true });
    cpSync(join(checkout, file), join(target, file));
  }
}
