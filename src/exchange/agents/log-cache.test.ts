import assert from 'node:assert/strict';
import { appendFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { claudeLine } from './fixtures/log-lines.ts';
import { noon, openHome, read } from './fixtures/open-home.ts';

const projects = '.claude/projects/-projects-shop';

test('the cache gives the same, is private, follows changes, and is ignored when it is damaged', async (t) => {
  const { home, write } = openHome(t);
  const cacheFile = join(home, '.cache', 'nanocent', 'agent-logs.bin');
  const filler = 'x'.repeat(600_000);
  const files = [1, 2, 3].map((session) =>
    write(`${projects}/s${session}.jsonl`, [
      claudeLine({
        session: `s${session}`,
        id: `m${session}`,
        at: noon + session,
        counts: { input: session, output: 10 },
        text: filler,
      }),
      claudeLine({ session: `s${session}`, id: 'm1', at: noon + 1, counts: { input: 1, output: 10 } }),
    ]),
  );
  const cold = await read(home, cacheFile);
  assert.equal(statSync(cacheFile).mode & 0o777, 0o600);
  const warm = await read(home, cacheFile);
  assert.deepEqual([warm.logs.bytesRead, warm.logs.bytesCached], [0, cold.logs.bytesRead]);
  assert.deepEqual([warm.messages, warm.logs.skipped], [cold.messages, cold.logs.skipped]);

  appendFileSync(
    files[1]!,
    `${claudeLine({ session: 's2', id: 'm9', at: noon + 9, counts: { input: 9, output: 9 } })}\n`,
  );
  rmSync(files[2]!);
  const changed = await read(home, cacheFile);
  assert.deepEqual(
    changed.messages.map(({ messageId }) => messageId),
    ['m1', 'm2', 'm9'],
  );
  assert.equal(changed.logs.bytesRead, statSync(files[1]!).size);
  assert.deepEqual(changed.messages, (await read(home)).messages);

  const { mtime } = statSync(cacheFile);
  for (const damage of ['', 'nanocent agent logs\n', 'x'.repeat(4_000)]) {
    writeFileSync(cacheFile, damage);
    utimesSync(cacheFile, mtime, mtime);
    assert.deepEqual((await read(home, cacheFile)).messages, changed.messages);
  }
});

test('many bytes are read by two threads, and in the same order as by one', async (t) => {
  const { home, write } = openHome(t);
  const filler = 'x'.repeat(9_000_000);
  const of = (session: string, id: string, output: number) =>
    claudeLine({ session, id, at: noon, counts: { input: 1, output }, text: filler });
  // Each second file copies a call from the one before; the older has to win, whoever reads it.
  write(`${projects}/s1.jsonl`, [of('s1', 'a', 1), of('s1', 'b', 2)]);
  write(`${projects}/s2.jsonl`, [of('s2', 'b', 2)]);
  write(`${projects}/s3.jsonl`, [of('s3', 'c', 3), '{"output_tokens"']);
  write(`${projects}/s4.jsonl`, [of('s4', 'c', 3), of('s4', 'd', 4)]);
  const { logs, messages } = await read(home);
  assert.deepEqual(
    messages.map(({ messageId, sessionId, usage }) => `${messageId} ${sessionId} ${usage.output}`),
    ['a s1 1', 'b s1 2', 'c s3 3', 'd s4 4'],
  );
  assert.deepEqual([logs.skipped.copies, logs.skipped.malformed, logs.bytesRead > 50_000_000], [2, 1, true]);
});
