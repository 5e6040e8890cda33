import assert from 'node:assert/strict';
import type { AuditRow, PromptRow } from '../../store/log.ts';
import type { Bench, Trial } from './trial.ts';

/** The audit log and the prompt log: beside the books, written once, found again, purged by what one names. */
export const logTrials: readonly Trial[] = [
  { name: 'an event of the audit log is read back as it was written, once', play: auditComesBack },
  { name: 'events of the audit log by who, what and when, newest first, page by page', play: auditPages },
  { name: 'a prompt is read back as it was written, once', play: promptComesBack },
  { name: 'prompts are purged by age, by user and by size, and by nothing not at all', play: promptsPurged },
];

const audited: Omit<AuditRow, 'id' | 'at'> = {
  type: 'event',
  app: null,
  username: null,
  model: null,
  promptText: null,
  responseText: null,
  remoteCompletionId: null,
  project: null,
  session: null,
  callId: null,
};

async function auditComesBack({ subject: { store }, ids, clock }: Bench): Promise<void> {
  const at = clock.now();
  const full: AuditRow = {
    id: ids.uuid(),
    at,
    type: 'prompt',
    app: 'app',
    username: "o'neil",
    model: 'gpt-4o',
    promptText: 'a \u{1f9fe} prompt',
    responseText: 'x'.repeat(100_000),
    remoteCompletionId: 'chatcmpl-1',
    project: 'p',
    session: 's',
    callId: 'c',
  };
  const bare: AuditRow = { ...audited, id: ids.uuid(), at: at + 1 };
  await store.appendAudit([full, bare]);
  await store.appendAudit([{ ...full, app: 'another' }]);
  assert.deepEqual(await store.auditRows({ from: null, to: null, limit: 10 }), [bare, full]);
}

async function auditPages({ subject: { store }, ids, clock }: Bench): Promise<void> {
  const at = clock.now();
  const rows = [0, 1, 1, 2, 3].map((later, index) => ({
    ...audited,
    id: ids.uuid(),
    at: at + later,
    app: index % 2 === 0 ? 'even' : 'odd',
    username: 'u',
  }));
  await store.appendAudit(rows);
  const newest = [...rows].reverse();
  const all = { from: null, to: null };
  const first = await store.auditRows({ ...all, limit: 2 });
  assert.deepEqual(first, newest.slice(0, 2));
  const last = first.at(-1)!;
  assert.deepEqual(await store.auditRows({ ...all, before: last, limit: 9 }), newest.slice(2));
  assert.deepEqual(await store.auditRows({ from: at + 1, to: at + 2, limit: 9 }), [rows[2], rows[1]]);
  assert.deepEqual(await store.auditRows({ ...all, app: 'odd', username: 'u', limit: 9 }), [
    rows[3],
    rows[1],
  ]);
  assert.deepEqual(await store.auditRows({ ...all, type: 'prompt', limit: 9 }), []);
}

const prompted: Omit<PromptRow, 'id' | 'at'> = {
  callId: 'c',
  model: 'gpt-4o',
  purpose: null,
  username: null,
  key: null,
  project: null,
  prompt: null,
  response: null,
  toolCalls: null,
  toolResults: null,
  inputTokens: null,
  outputTokens: null,
  sealed: false,
};

async function promptComesBack({ subject: { store }, ids, clock }: Bench): Promise<void> {
  const full: PromptRow = {
    id: ids.uuid(),
    at: clock.now(),
    callId: 'c1',
    model: 'gpt-4o',
    purpose: 'chat',
    username: 'ann',
    key: 'k',
    project: 'p',
    prompt: 'question \u{1f9fe}',
    response: 'answer',
    toolCalls: '[{"tool_call_id":"1","name":"f","arguments":"{}"}]',
    toolResults: '[]',
    inputTokens: 10,
    outputTokens: 0,
    sealed: true,
  };
  const bare: PromptRow = { ...prompted, id: ids.uuid(), at: clock.now() + 1 };
  await store.appendPrompts([full, bare]);
  await store.appendPrompts([{ ...full, prompt: 'another' }]);
  const all = { from: null, to: null, limit: 9 };
  assert.deepEqual(await store.promptRows(all), [bare, full]);
  assert.deepEqual(await store.promptRows({ ...all, username: 'ann', model: 'gpt-4o', purpose: 'chat' }), [
    full,
  ]);
  assert.deepEqual(await store.promptRows({ ...all, callId: 'c' }), [bare]);
}

async function promptsPurged({ subject: { store }, ids, clock }: Bench): Promise<void> {
  const at = clock.now();
  const row = (later: number, username: string) => ({
    ...prompted,
    id: ids.uuid(),
    at: at + later,
    username,
    prompt: 'äb',
    response: 'c',
  });
  const rows = [row(0, 'ann'), row(1, 'bob'), row(2, 'ann'), row(3, 'bob'), row(4, 'ann')];
  await store.appendPrompts(rows);
  const left = async () =>
    (await store.promptRows({ from: null, to: null, limit: 9 })).map((one) => one.at - at);
  assert.equal(await store.purgePrompts({}), 0);
  assert.equal(await store.purgePrompts({ before: at + 2, username: 'bob' }), 1);
  assert.deepEqual(await left(), [4, 3, 2, 0]);
  // Four bytes each: three newest fit in 15, and exactly in 12.
  assert.equal(await store.purgePrompts({ keepBytes: 12 }), 1);
  assert.deepEqual(await left(), [4, 3, 2]);
  assert.equal(await store.purgePrompts({ before: at + 3 }), 1);
  assert.equal(await store.purgePrompts({ username: 'ann' }), 1);
  assert.deepEqual(await left(), [3]);
  assert.equal(await store.purgePrompts({ keepBytes: 0 }), 1);
  assert.deepEqual(await left(), []);
}
