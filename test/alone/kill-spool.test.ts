import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openBooks } from '../../src/books/open-books.ts';
import { newFolder } from '../reservations/away.ts';

const rounds = 12;
const program = join(import.meta.dirname, 'processes', 'spooler.ts');

/** Runs one until it is killed at some moment, between append and replay or in the middle of either; gives what it kept. */
async function runAndKill(file: string, afterMs: number): Promise<string[]> {
  const child = spawn(process.execPath, [...process.execArgv, program, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  while (!said.includes('ready')) await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  await pause(afterMs);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  // A line that was cut was not heard.
  return said
    .slice(0, said.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '' && line !== 'ready');
}

test(`killed ${rounds} times around the spool: whatever was said to be kept is booked, once, with its amount`, async (t) => {
  const file = join(newFolder(t), 'a.sqlite');
  const kept: string[] = [];
  for (let round = 0; round < rounds; round++) kept.push(...(await runAndKill(file, (round * 37) % 150)));
  assert.ok(kept.length > rounds, `only ${kept.length} were kept`);
  await using books = await openBooks({ store: file, environment: {}, background: false });
  assert.deepEqual(
    readdirSync(`${file}.spool`).filter((name) => name !== 'aside'),
    [],
  );
  for (const id of kept) {
    const reservation = await books.reads.reservation(id);
    assert.deepEqual([reservation?.state, reservation?.posted.cost], ['settled', 4_500_000n], id);
    const page = { filter: {}, from: null, to: null, reservationId: id, limit: 2 };
    assert.equal((await books.reads.entries(page)).entries.length, 1);
  }
  assert.deepEqual((await books.verify()).differences, []);
  t.diagnostic(`${kept.length} endings kept and booked`);
});
