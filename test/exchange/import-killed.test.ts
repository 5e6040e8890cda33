import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ledgerFile, on } from '../cli/command-line.ts';
import { claudeLine, writeLines } from './records.ts';

const program = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const callCount = 12_000;
const killsMax = 4;

test('an import that is killed again and again loses nothing and books nothing twice', {
  timeout: 120_000,
}, async (t) => {
  const ledger = ledgerFile(t);
  const folder = dirname(ledger);
  const projects = join(folder, '.claude', 'projects', '-repo');
  mkdirSync(projects, { recursive: true });
  for (let file = 0; file < 4; file++) {
    const lines = Array.from({ length: callCount / 4 }, (_, index) => {
      const number = file * (callCount / 4) + index;
      const at = new Date(Date.UTC(2026, 2, 1) + number * 1_000).toISOString();
      return claudeLine({ id: `msg_01${String(number).padStart(22, '0')}`, at });
    });
    writeLines(join(projects, `s${file}.jsonl`), lines);
  }
  const environment = { ...process.env, HOME: folder, XDG_DATA_HOME: join(folder, 'data') };
  let kills = 0;
  for (let run = 0; run < 20; run++) {
    const argv = [program, '--db-file', ledger, '--quiet', 'import', 'claude'];
    const child = spawn(process.execPath, argv, { env: environment, stdio: 'ignore' });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const before = written(ledger);
    // Killed as soon as it has begun to write, in the middle of what follows.
    while (kills < killsMax && child.exitCode === null && written(ledger) <= before + 500_000) await sleep(2);
    if (kills < killsMax && child.kill('SIGKILL')) kills += 1;
    if ((await ended) === 0) break;
  }
  assert.ok(kills > 0);
  const { entries, balanced } = JSON.parse(await on(ledger)('verify', '--json'));
  assert.deepEqual([entries, balanced], [callCount, true]);
});

function written(ledger: string): number {
  return [ledger, `${ledger}-wal`].reduce(
    (sum, file) => sum + (existsSync(file) ? statSync(file).size : 0),
    0,
  );
}
