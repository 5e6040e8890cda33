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
