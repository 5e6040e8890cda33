import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { noon, openHome, read } from './fixtures/open-home.ts';

test('Gemini CLI: tools are input, thinking is output, an updated message is once', async (t) => {
  const { home, write } = openHome(t);
  const message = (id: string, tokens: object) => ({
    id,
    timestamp: new Date(noon).toISOString(),
    type: 'gemini',
    content: 'x',
    model: 'gemini-2.5-pro',
    tokens,
  });
  const tokens = { input: 1_000, output: 40, cached: 300, thoughts: 60, tool: 20, total: 1_120 };
  const older = { input: 500, output: 100, cached: 0, thoughts: 60, tool: 0, total: 600 };
  const person = { id: 'p', timestamp: new Date(noon).toISOString(), type: 'user', content: 'y' };
  write('.gemini/tmp/shop/.project_root', '/projects/shop\n');
  write(
    '.gemini/tmp/shop/chats/session-1.json',
    JSON.stringify({ sessionId: 'g1', messages: [person, message('a', tokens), message('b', older)] }),
  );
  write('.gemini/tmp/f00d/chats/session-2.jsonl', [
    JSON.stringify({ sessionId: 'g2', projectHash: 'f00d' }),
    JSON.stringify(message('c', { input: 10, output: 1, total: 11 })),
    JSON.stringify(message('c', { input: 10, output: 5, total: 15 })),
    JSON.stringify(message('d', { input: 10, output: 5, cached: 11 })),
    JSON.stringify(message('e', { input: 10, output: 5, total: 14 })),
    '{"tokens"',
  ]);
  write('.gemini/tmp/f00d/chats/session-3.json', '{"sessionId"');
  const { logs, messages } = await read(home);
  assert.deepEqual(
    messages.map(
      ({ messageId, usage, project, sessionId }) =>
        `${messageId} ${usage.input}+${usage.cacheRead} ${usage.output} (${usage.reasoning}) ${project} ${sessionId}`,
    ),
    [
      'a 720+300 100 (60) /projects/shop g1',
      'b 500+0 100 (60) /projects/shop g1',
      'c 10+0 5 (null) null g2',
      'd null+null null (null) null g2',
      'e null+null null (null) null g2',
    ],
  );
  assert.equal(logs.skipped.malformed, 2);
});

test('OpenCode: reasoning inside or beside the output by its total; a fork is a copy; errors are no calls', async (t) => {
  const { home, write } = openHome(t);
  const message = (id: string, session: string, created: number, tokens: object, more = {}) =>
    write(
      `.local/share/opencode/storage/message/${session}/${id}.json`,
      JSON.stringify({
        id,
        role: 'assistant',
        sessionID: session,
        modelID: 'gpt-5',
        providerID: 'openai',
        path: { cwd: '/projects/shop', root: '/' },
        cost: 0.1,
        tokens,
        time: { created, completed: created + 5 },
        ...more,
      }),
    );
  const cache = { read: 30, write: 0 };
  message('msg_a', 'ses_1', noon, { input: 10, output: 50, reasoning: 20, cache, total: 90 });
  message('msg_b', 'ses_1', noon + 1, { input: 10, output: 50, reasoning: 20, cache, total: 110 });
  message('msg_c', 'ses_1', noon + 2, { input: 10, output: 50, reasoning: 20, cache });
  message('msg_d', 'ses_1', noon + 3, { input: 10, output: 5, reasoning: 20, cache });
  message('msg_e', 'ses_2', noon, { input: 10, output: 50, reasoning: 20, cache, total: 90 });
  message(
    'msg_f',
    'ses_2',
    noon + 4,
    { input: 0, output: 0, reasoning: 0, cache: { read: 0, write: 0 } },
    { error: { name: 'APIError' } },
  );
  message('msg_g', 'ses_2', noon + 5, { input: 1, output: 1 }, { time: { created: noon + 5 } });
  message('msg_h', 'ses_2', noon + 6, {}, { role: 'user' });
  const { logs, messages } = await read(home);
  assert.deepEqual(
    messages.map(
      ({ messageId, usage, sessionId, confidence }) =>
        `${messageId} ${usage.input}+${usage.cacheRead} ${usage.output} ${sessionId} ${confidence}`,
    ),
    [
      'msg_a 10+30 50 ses_1 heuristic',
      'msg_b 10+30 70 ses_1 exact',
      'msg_c 10+30 50 ses_1 heuristic',
      'msg_d 10+30 25 ses_1 heuristic',
      'msg_g 1+0 1 ses_2 partial',
    ],
  );
  assert.deepEqual([logs.skipped.copies, logs.skipped.apiErrors, logs.skipped.malformed], [1, 1, 0]);
});

test('OpenCode: a database is read as the files are; what it took over from them is no further call', async (t) => {
  const { home, write } = openHome(t);
  const said = (created: number, more = {}) => ({
    role: 'assistant',
    modelID: 'gpt-5',
    providerID: 'openai',
    path: { cwd: '/projects/shop', root: '/' },
    tokens: { input: 10, output: 50, reasoning: 0, cache: { read: 30, write: 0 }, total: 90 },
    time: { created, completed: created + 5 },
    ...more,
  });
  const old = { id: 'msg_a', sessionID: 'ses_1', ...said(noon) };
  write('.local/share/opencode/storage/message/ses_1/msg_a.json', JSON.stringify(old));
  const folder = join(home, '.local/share/opencode');
  const database = new DatabaseSync(join(folder, 'opencode.db'));
  database.exec(`PRAGMA journal_mode = WAL;
    CREATE TABLE message (id text PRIMARY KEY, session_id text NOT NULL, time_created integer NOT NULL,
      time_updated integer NOT NULL, data text NOT NULL)`);
  const insert = database.prepare('INSERT INTO message VALUES (?, ?, ?, ?, ?)');
  const add = (id: string, session: string, data: string) => insert.run(id, session, noon, noon, data);
  add('msg_a', 'ses_1', JSON.stringify(said(noon)));
  add('msg_b', 'ses_2', JSON.stringify(said(noon + 1)));
  add('msg_c', 'ses_2', JSON.stringify(said(noon + 2, { role: 'user', tokens: undefined })));
  add('msg_d', 'ses_2', '{"role":"assis');
  const shown = async () => {
    const { logs, messages } = await read(home);
    const calls = messages.map(({ messageId, sessionId, project, usage, confidence }) =>
      [messageId, sessionId, project, usage.input, usage.cacheRead, usage.output, confidence].join(' '),
    );
    return { calls, malformed: logs.skipped.malformed, unreadable: logs.unreadable.length };
  };
  const calls = ['msg_a ses_1 /projects/shop 10 30 50 exact', 'msg_b ses_2 /projects/shop 10 30 50 exact'];
  assert.deepEqual(await shown(), { calls, malformed: 1, unreadable: 0 });
  // Still in the log of changes only: it counts for size and time.
  for (let number = 0; number < 1200; number++) {
    add(`msg_x${number}`, 'ses_3', JSON.stringify(said(noon + 10 + number)));
  }
  assert.equal((await shown()).calls.length, 1202);
  database.exec('ALTER TABLE message RENAME TO messages_of_tomorrow');
  database.close();
  assert.deepEqual(await shown(), { calls: [calls[0]], malformed: 0, unreadable: 1 });
});
