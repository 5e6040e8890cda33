import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkout, plainEnvironment, temporaryFolder } from '../house/machine.ts';

const waitMaxMs = 30_000;

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} to npm start ends the server and frees its port`, { timeout: 2 * waitMaxMs }, async (t) => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'books.sqlite');
    const npm = spawn('npm', ['start', '--', '--port', '0', '--db-file', file], {
      cwd: checkout,
      env: plainEnvironment(),
      detached: true,
    });
    t.after(() => endGroup(npm));
    const port = await announcedPort(npm);
    assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);

    npm.kill(signal);
    await once(npm, 'exit', { signal: AbortSignal.timeout(waitMaxMs) });
    await assertFree(port);
  });
}

async function announcedPort(npm: ChildProcess): Promise<number> {
  let said = '';
  npm.stderr?.on('data', (bytes) => {
    said += bytes;
  });
  for await (const bytes of npm.stdout as AsyncIterable<Buffer>) {
    said += bytes;
    const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`npm start ended without an address: ${said}`);
}

/** Binds the port: refused while a server, orphaned or not, still holds it. */
async function assertFree(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
}

/** Whatever a failed test left running: npm leads a process group of its own. */
function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // The group has ended, as it should have.
  }
}
