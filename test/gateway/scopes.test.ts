import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Books } from '../../src/books/books.ts';
import { limitScopes } from '../../src/limits/limit.ts';
import { chatJson } from '../transcripts.ts';
import { post, withHarness } from './harness.ts';

// A limit of every scope, met by calls through the gateway and through books.fetch.

type Send = (who: Who) => Promise<{ readonly status: number; readonly text: string }>;
type Door = (gatewayUrl: string, providerUrl: string, books: Books) => Send;

/** How each door says whose a call is. */
interface Who {
  readonly model: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly input: Parameters<Books['fetch']>[0];
}

const ours: Who = {
  model: 'gpt-4o-mini',
  headers: {
    authorization: 'Bearer sk-ours',
    'x-nanocent-user': 'ann',
    'x-nanocent-caller': 'editor',
    'x-nanocent-project': 'apollo',
    'x-nanocent-session': 's1',
    'x-nanocent-purpose': 'chat',
    'x-nanocent-tags': 'team=red,feature=search',
  },
  input: {
    username: 'ann',
    caller: 'editor',
    project: 'apollo',
    session: 's1',
    purpose: 'chat',
    key: 'ours',
    tags: { team: 'red', feature: 'search' },
  },
};

/** The fields of a limit, and a call that differs in these alone; null where every call comes under it. */
const cases: Readonly<Record<string, readonly [fields: object, other: Partial<Who> | null]>> = {
  GLOBAL: [{}, null],
  MODEL: [{ model: 'gpt-4o-mini' }, { model: 'gpt-4o' }],
  USER: [{ username: 'ann' }, who('user', { username: 'bob' })],
  CALLER: [{ caller: '*' }, who('caller', { caller: 'mailer' })],
  PROJECT: [{ project: 'apollo' }, who('project', { project: 'gemini' })],
  PROVIDER: [{ provider: 'openai' }, null],
  KEY: [
    { key: '*' },
    {
      headers: { ...ours.headers, authorization: 'Bearer sk-theirs' },
      input: { ...ours.input, key: 'theirs' },
    },
  ],
  TAG: [
    { tag: 'team=red' },
    {
      headers: { ...ours.headers, 'x-nanocent-tags': 'team=blue,feature=search' },
      input: { ...ours.input, tags: { team: 'blue', feature: 'search' } },
    },
  ],
  SESSION: [{ session: '*' }, who('session', { session: 's2' })],
  PURPOSE: [{ purpose: 'chat' }, who('purpose', { purpose: 'summary' })],
};

function who(header: string, input: Readonly<Record<string, string>>): Partial<Who> {
  const value = Object.values(input)[0]!;
  return {
    headers: { ...ours.headers, [`x-nanocent-${header}`]: value },
    input: { ...ours.input, ...input },
  };
}

const doors: Readonly<Record<string, Door>> = {
  'the gateway':
    (gatewayUrl) =>
    ({ model, headers }) =>
      post(`${gatewayUrl}/v1/chat/completions`, bodyFor(model), headers),
  'books.fetch': (_, providerUrl, books) => async (call) => {
    const response = await books.fetch({ ...call.input, provider: 'openai' })(
      `${providerUrl}/v1/chat/completions`,
      { method: 'POST', body: JSON.stringify(bodyFor(call.model)) },
    );
    return { status: response.status, text: await response.text() };
  },
};

const bodyFor = (model: string) => ({ model, max_tokens: 9, messages: [{ role: 'user', content: 'Hello' }] });

for (const [name, door] of Object.entries(doors)) {
  test(`a limit of every scope holds for a call through ${name}, and for no other`, async () => {
    assert.deepEqual(Object.keys(cases).sort(), [...limitScopes].sort());
    for (const [scope, [fields, other]] of Object.entries(cases)) {
      await withHarness({}, async ({ gateway, provider, books, entries }) => {
        provider.answerWith({ body: chatJson });
        await books.limits.set({ scope, ...fields, limitType: 'requests', max: '1', intervalUnit: 'day' });
        const send = door(gateway.url, provider.url, books);
        const used = async () => (await books.limitStates()).map(({ used, held }) => [used, held]);
        assert.equal((await send(ours)).status, 200, scope);
        await entries(1);
        const before = await used();
        assert.deepEqual(before, [[1n, 0n]], scope);
        const refused = await send(ours);
        assert.equal(refused.status, 429, scope);
        assert.equal(JSON.parse(refused.text).error.nanocent.scope, scope);
        assert.deepEqual(await used(), before, `${scope}: a refused call leaves no trace in the counters`);
        assert.equal(provider.requests.length, 1, scope);
        if (other === null) return;
        assert.equal((await send({ ...ours, ...other })).status, 200, scope);
        await entries(2);
      });
    }
  });
}
