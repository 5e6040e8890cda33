import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';

const main = join(import.meta.dirname, '../../src/cli/main.ts');
const usd = 100_000_000_000n;

function startRace(t: TestContext, args: readonly string[]) {
  const temporary = mkdtempSync(join(tmpdir(), 'nanocent-race-test-'));
  t.after(() => rmSync(temporary, { recursive: true, force: true }));
  const child = spawn(process.execPath, [main, 'race', ...args], {
    env: { PATH: process.env.PATH, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const left = () => readdirSync(temporary);
  return { child, left, ended: once(child, 'close'), output: text(child.stdout), notes: text(child.stderr) };
}

test('race: one budget, 1,000 callers, a process killed; the limit holds, the books balance, nothing stays', async (t) => {
  const startedAt = performance.now();
  const { left, ended, output, notes } = startRace(t, ['--json', '--seed', '1']);
  const [status] = await ended;
  const took = performance.now() - startedAt;
  assert.equal(status, 0, await notes);
  const { nanocent, checkThenAct, ...race } = JSON.parse(await output);
  assert.equal(race.schema, 'nanocent.race/1');
  assert.deepEqual([race.callers, race.processes, race.limitHeld], [1000, 4, true]);
  assert.deepEqual([race.killed.process, race.killed.callers], [2, 250]);
  assert.ok(BigInt(nanocent.highestNanocents) <= 5n * usd);
  // Every call of the dead process that was sent is in the books, at what it cost or at what was held for it.
  assert.ok(BigInt(nanocent.bookedNanocents) >= BigInt(nanocent.billedNanocents));
  assert.equal(nanocent.heldNanocents, '0');
  assert.ok(nanocent.calls > 0 && nanocent.turnedAway > 0 && nanocent.looks > 20);
  assert.deepEqual([race.verification.balanced, race.verification.differences], [true, []]);
  // The model meets the same calls, and lets through whatever was under way.
  assert.equal(checkThenAct.isModel, true);
  assert.ok(BigInt(checkThenAct.billedNanocents) > 5n * usd);
  assert.match(await notes, /^\d+\.\d s: Nanocent \$.* spent, \$.* held; check-then-act \(a model\) \$/);
  assert.deepEqual(left(), []);
  t.diagnostic(`${(took / 1000).toFixed(1)} s, ${nanocent.calls} calls, ${nanocent.looks} looks`);
  // 20 s are promised; a machine busy with other things may take as long again.
  assert.ok(took < 40_000);
});

test('a race that is interrupted leaves neither files nor processes', async (t) => {
  const { child, left, ended } = startRace(t, []);
  await once(child.stderr, 'data');
  child.kill('SIGTERM');
  const [status, signal] = await ended;
  assert.deepEqual([status, signal, left()], [null, 'SIGTERM', []]);
});
