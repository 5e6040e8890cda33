import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/**
 * What some tests need beside the checkout, and how each is found or fetched. A finder gives the details, or throws
 * with the reason why not. Whoever brings a test with a new need adds a line to `finders`.
 */
interface Found {
  /** Path of a Node that is too old for us. */
  readonly node20: string;
  /** Path of a Node 26 program. */
  readonly node26: string;
  /** Runs a shell script with `$DISK` on a disk of 420 kB. */
  readonly smallDisk: SmallDisk;
  /** URL of a PostgreSQL server on which this user may make databases. */
  readonly postgres: string;
  /** A Python 3 with pseudo-terminals. */
  readonly python: string;
  /** A C compiler on Linux, for the shims of test/alone/shim. */
  readonly gcc: string;
}

type SmallDisk = (script: string, environment: Record<string, string>) => { stdout: string; stderr: string };

const finders: { readonly [Need in keyof Found]: (t: TestContext) => Found[Need] } = {
  node20: (t) => fetchNode(t, 20),
  node26: (t) => fetchNode(t, 26),
  smallDisk,
  postgres,
  python,
  gcc,
};

/**
 * The details of a need, or undefined after saying "not run: <need>", which the closing report repeats by name.
 * Where CI is set a missing need fails the test instead.
 */
export function need<Need extends keyof Found>(name: Need, t: TestContext): Found[Need] | undefined {
  try {
    return finders[name](t);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (process.env.CI)
      throw new Error(`${name} is needed in CI and is missing: ${reason}`, { cause: error });
    t.diagnostic(`not run: ${name} (${reason})`);
    return undefined;
  }
}

function fetchNode(t: TestContext, major: number): string {
  const folder = mkdtempSync(join(tmpdir(), `nanocent-node${major}-`));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "allowScripts": { "node": true } }');
  const npm = spawnSync('npm', ['install', '--no-audit', '--no-fund', `node@${major}`], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 180_000,
    env: { ...process.env, NODE_ENV: '' },
  });
  if (npm.status !== 0) {
    const reason = npm.error?.message ?? npm.stderr.trim().split('\n').at(-1);
    throw new Error(`npm install node@${major} failed: ${reason}`);
  }
  const program = join(folder, 'node_modules/node/bin/node');
  const version = spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? '';
  if (!version.startsWith(`v${major}.`)) throw new Error(`npm installed "${version}"`);
  return program;
}

/** In a mount namespace of its own, which an ordinary user may open on most Linux machines. */
function smallDisk(t: TestContext): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'nanocent-disk-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const run = (script: string, environment: Record<string, string>) => {
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      ['-Urm', 'sh', '-c', `mount -t tmpfs -o size=4m none "$DISK" || exit 99\n${script}`],
      { encoding: 'utf8', env: { ...process.env, ...environment, DISK: folder } },
    );
    if (status === null || status === 99)
      throw new Error(`no disk of its own: ${stderr?.trim() || 'no unshare'}`);
    return { stdout, stderr };
  };
  run('true', {});
  return run;
}

/** NANOCENT_TEST_POSTGRES, else a server of this machine that trusts its own users. */
function postgres(): string {
  const url = process.env.NANOCENT_TEST_POSTGRES ?? `postgres://${userInfo().username}@127.0.0.1:5432/test`;
  const { status, stderr, error } = spawnSync('psql', ['-At', '-c', 'SELECT 1', url], {
    encoding: 'utf8',
    timeout: 10_000,
    env: { ...process.env, PGCONNECT_TIMEOUT: '5' },
  });
  if (status !== 0) throw new Error(error?.message ?? stderr.trim().split('\n').at(-1) ?? 'no answer');
  return url;
}

function python(): string {
  const { status, stderr, error } = spawnSync('python3', ['-c', 'import pty, termios'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(error?.message ?? stderr.trim().split('\n').at(-1) ?? 'no pty');
  return 'python3';
}

function gcc(): string {
  if (process.platform !== 'linux') throw new Error(`LD_PRELOAD is for Linux, not ${process.platform}`);
  const { status, stderr, error } = spawnSync('gcc', ['--version'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(error?.message ?? stderr.trim());
  return 'gcc';
}
