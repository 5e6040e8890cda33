import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routesFor } from '../../src/gateway/routes.ts';
import { chatJson, embeddingJson, messageJson, responseJson } from '../transcripts.ts';
import { post, providersAt, withHarness } from './harness.ts';

const bodyOf = {
  'chat.completions': chatJson,
  responses: responseJson,
  embeddings: embeddingJson,
  messages: messageJson,
};
const modelOf = (api: string) => (api === 'messages' ? 'claude-haiku-4-5' : 'gpt-4o-mini');

test('every route there is: what can spend is held before the provider is asked and settled after, the rest is listed', () =>
  withHarness({}, async (harness) => {
    const free: string[] = [];
    let calls = 0;
    for (const route of routesFor(providersAt(harness.provider.url))) {
      const path = route.path.replace(':id', 'gpt-4o-mini');
      if (route.api === null) {
        harness.provider.answerWith({ body: '{"data":[]}' });
        const { status } =
          route.method === 'POST'
            ? await post(harness.gateway.url + path, { model: 'claude-haiku-4-5', messages: [] })
            : await fetch(harness.gateway.url + path, { headers: { authorization: 'Bearer sk-own' } });
        assert.equal(status, 200, path);
        free.push(`${route.method} ${route.path}`);
        continue;
      }
      const { api } = route;
      harness.provider.answerWith({ body: bodyOf[api as keyof typeof bodyOf] });
      const asked = harness.provider.requests.length;
      const { status, headers } = await post(harness.gateway.url + path, {
        model: modelOf(api),
        max_tokens: 5,
      });
      assert.equal(status, 200, path);
      assert.equal(harness.provider.requests.length, asked + 1);
      calls += 1;
      const booked = await harness.entries(calls);
      assert.equal(booked.at(-1)?.callId, headers.get('x-nanocent-call-id'), path);
      assert.equal(booked.at(-1)?.endpoint, route.endpoint);
    }
    assert.deepEqual(free.sort(), [
      'GET /anthropic/v1/models',
      'GET /anthropic/v1/models/:id',
      'GET /openai/v1/models',
      'GET /openai/v1/models/:id',
      'GET /v1/models',
      'GET /v1/models',
      'GET /v1/models/:id',
      'GET /v1/models/:id',
      'POST /anthropic/v1/messages/count_tokens',
      'POST /v1/messages/count_tokens',
    ]);
    // Every metered call reached the provider exactly once, and each has one entry.
    assert.equal((await harness.books.tail(1000)).length, calls);
  }));

test('a metered call is held while the provider works', () =>
  withHarness({}, async (harness) => {
    harness.provider.answerWith({ body: chatJson, firstMs: 50 });
    const asked = post(`${harness.gateway.url}/v1/chat/completions`, { model: 'gpt-4o-mini', messages: [] });
    await new Promise((resolve) => setTimeout(resolve, 30));
    const open = (await harness.books.reads.openReservations(10)).length;
    await asked;
    assert.equal(open, 1);
  }));

test('what has no route reaches nobody', () =>
  withHarness({ key: 'sk-gateway' }, async (harness) => {
    const unknown = [
      'POST /v1/completions',
      'POST /v1/files',
      'GET /v1/responses/resp_1',
      'POST /v1/images/generations',
      'POST /v1/chat/completions/',
      'POST //v1/chat/completions',
      'POST /v1/chat%2fcompletions',
      'POST /v1/./chat/completions',
      'POST /V1/chat/completions',
      'GET /v1/models/a/b',
      'GET /v1/models/..',
      'POST /openai/v1/messages',
      'POST /anthropic/v1/chat/completions',
      'POST /demo/v1/chat/completions',
      'GET /-/llm-usage',
      'GET /metrics',
    ];
    for (const line of unknown) {
      const [method, path] = line.split(' ') as [string, string];
      const status = await rawStatus(harness.gateway.url, method, path);
      assert.equal(status, 404, line);
    }
    for (const line of [
      'GET /v1/chat/completions',
      'DELETE /v1/models',
      'PUT /v1/messages',
      'POST /healthz',
    ]) {
      const [method, path] = line.split(' ') as [string, string];
      assert.equal(await rawStatus(harness.gateway.url, method, path), 405, line);
    }
    assert.equal(harness.provider.requests.length, 0);
  }));

test('an unknown route answers in the shape of the provider whose client asked', () =>
  withHarness({}, async (harness) => {
    const openai = JSON.parse((await post(`${harness.gateway.url}/v1/files`, {})).text);
    assert.equal(openai.error.code, 'route_not_found');
    const anthropic = JSON.parse((await post(`${harness.gateway.url}/anthropic/v1/files`, {})).text);
    assert.deepEqual([anthropic.type, anthropic.error.type], ['error', 'not_found_error']);
  }));

test('health, readiness, and a call looked up by its id', () =>
  withHarness({}, async (harness) => {
    const get = async (path: string) => {
      const response = await fetch(harness.gateway.url + path);
      const json = (await response.json()) as Record<string, unknown>;
      return { status: response.status, json };
    };
    assert.deepEqual(await get('/healthz'), { status: 200, json: { schema: 'nanocent.health/1', ok: true } });
    assert.equal((await get('/readyz')).json.store, 'answers');
    harness.provider.answerWith({ body: chatJson });
    const { headers } = await post(`${harness.gateway.url}/v1/chat/completions`, { model: 'gpt-4o-mini' });
    const callId = headers.get('x-nanocent-call-id');
    const { status, json } = await get(`/-/api/calls/${callId}`);
    assert.equal(status, 200);
    assert.deepEqual(
      [json.schema, json.callId, json.nanocents, json.usd, json.basis],
      ['nanocent.entry/1', callId, '24000000', '0.00024', 'provider'],
    );
    assert.equal((await get('/-/api/calls/none')).status, 404);
  }));

/** fetch would tidy the path up first. */
async function rawStatus(url: string, method: string, path: string): Promise<number> {
  const { request } = await import('node:http');
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-own' };
    const asked = request({ hostname, port, method, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    asked.on('error', reject);
    asked.end(method === 'GET' || method === 'DELETE' ? undefined : '{"model":"gpt-4o-mini"}');
  });
}
