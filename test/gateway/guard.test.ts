import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { openBooks } from '../../src/books/open-books.ts';
import { NanocentError } from '../../src/errors/error.ts';
import { providersFromEnvironment, Secret, startGateway } from '../../src/gateway/index.ts';
import { chatJson, messageJson } from '../transcripts.ts';
import { type Harness, post, providersAt, withHarness } from './harness.ts';

const chat = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] };
const message = { ...chat, model: 'claude-haiku-4-5', max_tokens: 10 };

/** With headers that fetch would not send. */
function ask(harness: Harness, headers: Record<string, string>, path = '/v1/chat/completions') {
  const { hostname, port } = new URL(harness.gateway.url);
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = { 'content-type': 'application/json', authorization: 'Bearer sk-own', ...headers };
    const asked = httpRequest({ hostname, port, method: 'POST', path, headers: sent }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode!, text }));
    });
    asked.on('error', reject);
    asked.end(JSON.stringify(chat));
  });
}

const strangers: readonly (readonly [string, Record<string, string>])[] = [
  ['a name that points here (DNS rebinding)', { host: 'evil.example:4141' }],
  ['a name that begins like ours', { host: 'localhost.evil.example' }],
  ['an address that is not ours', { host: '10.0.0.1:4141' }],
  ['a proxy in between', { 'x-forwarded-for': '203.0.113.9' }],
  ['a proxy in between, in the standard’s words', { forwarded: 'for=203.0.113.9' }],
  ['a page of another site', { origin: 'https://evil.example' }],
  ['a sandboxed page', { origin: 'null' }],
  ['a page of another site, as browsers say it', { 'sec-fetch-site': 'cross-site' }],
];
for (const [who, headers] of strangers) {
  test(`${who} is not served`, () =>
    withHarness({ key: 'sk-gateway' }, async (harness) => {
      const { status, text } = await ask(harness, headers);
      assert.equal(status, 403);
      assert.equal(JSON.parse(text).error.code, 'permission_denied');
      assert.equal(harness.provider.requests.length, 0);
    }));
}

test('every name of this machine is served', () =>
  withHarness({}, async (harness) => {
    harness.provider.answerWith({ body: chatJson });
    for (const host of ['localhost', 'localhost:9', '127.0.0.1', '127.8.8.8:1', '[::1]:4141', 'LocalHost']) {
      assert.equal((await ask(harness, { host })).status, 200, host);
    }
    assert.equal((await ask(harness, { origin: 'http://localhost:3000' })).status, 200);
  }));

test('a form of another site cannot be sent as JSON, so other types are not taken', () =>
  withHarness({ key: 'sk-gateway' }, async (harness) => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      '',
    ]) {
      assert.equal((await ask(harness, { 'content-type': type })).status, 400, type);
    }
    assert.equal(harness.provider.requests.length, 0);
  }));

test('a configured key is sent in place of the client’s, in the provider’s own header', () =>
  withHarness({ key: 'sk-gateway' }, async (harness) => {
    harness.provider.answerWith([{ body: chatJson }, { body: messageJson }]);
    await post(`${harness.gateway.url}/v1/chat/completions`, chat, { authorization: 'Bearer anything' });
    await post(`${harness.gateway.url}/v1/messages`, message, { authorization: 'Bearer anything' });
    const [openai, anthropic] = harness.provider.requests;
    assert.equal(openai!.headers.authorization, 'Bearer sk-gateway');
    assert.equal(anthropic!.headers['x-api-key'], 'sk-gateway');
    assert.equal(anthropic!.headers.authorization, undefined);
    const booked = await harness.entries(2);
    assert.deepEqual(
      booked.map((entry) => entry.key),
      ['local', 'local'],
    );
  }));

test('without a configured key the client’s own goes on, and its keyed hash is booked', () =>
  withHarness({}, async (harness) => {
    harness.provider.answerWith({ body: chatJson });
    const url = `${harness.gateway.url}/v1/chat/completions`;
    for (const key of ['sk-one', 'sk-two', 'sk-one'])
      await post(url, chat, { authorization: `Bearer ${key}` });
    assert.deepEqual(
      harness.provider.requests.map(({ headers }) => headers.authorization),
      ['Bearer sk-one', 'Bearer sk-two', 'Bearer sk-one'],
    );
    const [first, second, third] = (await harness.entries(3)).map((entry) => entry.key);
    assert.match(first!, /^client:[0-9a-f]{12}$/);
    assert.notEqual(first, second);
    assert.equal(first, third);
  }));

test('no key anywhere, two keys, a key in the URL: said before anything is asked', () =>
  withHarness({}, async (harness) => {
    const url = `${harness.gateway.url}/v1/chat/completions`;
    const none = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    assert.equal(none.status, 401);
    assert.match(await none.text(), /OPENAI_API_KEY/);
    assert.equal((await post(url, chat, { 'x-api-key': 'sk-other' })).status, 400);
    assert.equal((await post(`${url}?key=sk-url`, chat)).status, 400);
    assert.equal((await post(url, chat, { authorization: 'Basic dTpw' })).status, 400);
    harness.provider.answerWith({ body: chatJson });
    // The same credential in both headers is one credential.
    assert.equal((await post(url, chat, { 'x-api-key': 'sk-test' })).status, 200);
    assert.equal(harness.provider.requests.length, 1);
  }));

test('only listed headers go on, and only listed headers come back', () =>
  withHarness({}, async (harness) => {
    harness.provider.answerWith({
      body: chatJson,
      headers: {
        'set-cookie': 'a=b',
        server: 'x',
        'x-ratelimit-remaining-requests': '9',
        'x-powered-by': 'y',
      },
    });
    const { headers } = await post(`${harness.gateway.url}/v1/chat/completions`, chat, {
      cookie: 'session=1',
      'x-nanocent-user': 'ann',
      'idempotency-key': 'k1',
      'openai-organization': 'org-1',
      'x-custom': 'no',
      'accept-encoding': 'gzip',
    });
    const sent = harness.provider.requests[0]!.headers;
    assert.equal(sent['openai-organization'], 'org-1');
    assert.equal(sent['accept-encoding'], 'identity');
    for (const name of ['cookie', 'x-nanocent-user', 'idempotency-key', 'x-custom']) {
      assert.equal(sent[name], undefined, name);
    }
    assert.equal(headers.get('x-ratelimit-remaining-requests'), '9');
    for (const name of ['set-cookie', 'server', 'x-powered-by']) assert.equal(headers.get(name), null, name);
  }));

const bad: readonly (readonly [string, unknown, Record<string, string>, number, RegExp])[] = [
  ['no JSON', '{"model":', {}, 400, /not valid JSON/],
  ['a list', '[]', {}, 400, /not a JSON object/],
  ['no model', { messages: [] }, {}, 400, /model is missing/],
  ['a model with a control character', { model: 'a\u0007' }, {}, 400, /control character/],
  ['a member twice', '{"model":"gpt-4o-mini","model":"gpt-4o"}', {}, 400, /names "model" twice/],
  ['a member twice, once escaped', '{"model":"gpt-4o-mini","mod\\u0065l":"gpt-4o"}', {}, 400, /twice/],
  ['nested beyond reason', `{"model":"x","a":${'['.repeat(64)}${']'.repeat(64)}}`, {}, 400, /65 levels/],
  ['not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), {}, 400, /not UTF-8/],
  ['a background response', { model: 'gpt-4o-mini', background: true }, {}, 400, /background/],
  ['an empty user', chat, { 'x-nanocent-user': '' }, 400, /x-nanocent-user is empty/],
  ['a user too long', chat, { 'x-nanocent-user': 'u'.repeat(257) }, 400, /x-nanocent-user has 257/],
  ['tags without values', chat, { 'x-nanocent-tags': 'red' }, 400, /x-nanocent-tags/],
  ['a tag twice', chat, { 'x-nanocent-tags': 'a=1,a=2' }, 400, /x-nanocent-tags/],
  ['a URL too long', chat, { path: `?${'a'.repeat(9000)}` }, 400, /longer than 8192/],
];
for (const [what, body, { path = '', ...headers }, status, message] of bad) {
  test(`bad input, ${what}: refused with the field, nobody asked`, () =>
    withHarness({}, async (harness) => {
      const answer = await post(`${harness.gateway.url}/v1/chat/completions${path}`, body, headers);
      assert.equal(answer.status, status, answer.text);
      assert.match(JSON.parse(answer.text).error.message, message);
      assert.equal(harness.provider.requests.length, 0);
      assert.equal((await harness.books.reads.openReservations(1)).length, 0);
    }));
}

test('a body at its bound passes, one byte more is a 413, whether its length is announced or not', () =>
  withHarness({ bounds: { bodyBytesMax: 200 } }, async (harness) => {
    harness.provider.answerWith({ body: chatJson });
    const url = `${harness.gateway.url}/v1/chat/completions`;
    const sized = (bytes: number) => {
      const empty = JSON.stringify({ ...chat, user: '' });
      return JSON.stringify({ ...chat, user: 'u'.repeat(bytes - empty.length) });
    };
    assert.equal((await post(url, sized(200))).status, 200);
    const over = await post(url, sized(201));
    assert.equal(over.status, 413);
    assert.equal(JSON.parse(over.text).error.code, 'body_too_large');
    const streamed = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer sk-own' },
      body: new Blob([sized(201)]).stream(),
      duplex: 'half',
    } as RequestInit);
    assert.equal(streamed.status, 413);
  }));

test('requests that two parsers would read differently are cut off', () =>
  withHarness({}, async (harness) => {
    const { hostname, port } = new URL(harness.gateway.url);
    const body = JSON.stringify(chat);
    const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer k\r\nContent-Type: application/json\r\n`;
    const smuggled = [
      `${head}Content-Length: ${body.length}\r\nTransfer-Encoding: chunked\r\n\r\n${body}`,
      `${head}Content-Length: ${body.length}\r\nContent-Length: 1\r\n\r\n${body}`,
      `${head}Content-Length : ${body.length}\r\n\r\n${body}`,
      `${head}Transfer-Encoding: xchunked\r\n\r\n${body}`,
    ];
    for (const text of smuggled) {
      const answer = await new Promise<string>((resolve) => {
        const socket = connect(Number(port), hostname, () => socket.end(text));
        let got = '';
        socket.on('data', (chunk) => {
          got += chunk;
        });
        socket.on('close', () => resolve(got));
      });
      assert.match(answer, /^HTTP\/1\.1 400 /, text.split('\r\n').slice(4, 6).join());
    }
    assert.equal(harness.provider.requests.length, 0);
  }));

test('no secret is in a log, an entry or an error', () =>
  withHarness({ key: 'sk-canary-gateway' }, async (harness) => {
    harness.provider.answerWith([
      { body: chatJson },
      { status: 500, body: '{}' },
      { body: '', cutAfterBytes: -1 },
    ]);
    const url = `${harness.gateway.url}/v1/chat/completions`;
    const answers = [];
    for (let at = 0; at < 3; at++) {
      answers.push(await post(url, chat, { authorization: 'Bearer sk-canary-client', cookie: 'canary' }));
    }
    answers.push(await post(url, '{"sk-canary-body', { authorization: 'Bearer sk-canary-client' }));
    const seen = inspect(
      [
        answers.map(({ text, headers }) => [text, [...headers]]),
        harness.events,
        await harness.books.tail(10),
      ],
      { depth: 9, maxStringLength: null, maxArrayLength: null },
    );
    assert.doesNotMatch(seen, /canary/);
    const secret = new Secret('sk-canary');
    assert.doesNotMatch(`${secret} ${JSON.stringify({ secret })} ${inspect({ secret })}`, /canary/);
  }));

test('beyond this machine it does not listen, and on a taken port it says so', async () => {
  const books = await openBooks({ store: 'memory' });
  const options = { context: books.context, providers: providersFromEnvironment({}), port: 0 };
  for (const host of ['0.0.0.0', '::', '192.168.0.1', 'example.com']) {
    await assert.rejects(startGateway({ ...options, host }), coded('config_invalid'), host);
  }
  const first = await startGateway(options);
  const port = Number(new URL(first.url).port);
  await assert.rejects(startGateway({ ...options, port }), coded('address_in_use'));
  await first.close();
  // A base URL that points back here would call itself for ever.
  await assert.rejects(
    startGateway({ ...options, port, providers: providersAt(`http://localhost:${port}`) }),
    coded('config_invalid'),
  );
  await books.close();
});

test('providers from the environment: keys, other origins, and what is no URL', () => {
  const [openai, anthropic] = providersFromEnvironment({
    OPENAI_API_KEY: ' sk-a \n',
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:9/',
  });
  assert.equal(openai!.key?.reveal(), 'sk-a');
  assert.equal(openai!.baseUrl, 'https://api.openai.com/v1');
  assert.equal(anthropic!.key, null);
  assert.equal(anthropic!.baseUrl, 'http://127.0.0.1:9/v1');
  for (const url of ['ftp://x', 'api.openai.com', 'https://user:pass@x', 'https://x?y=1']) {
    assert.throws(() => providersFromEnvironment({ OPENAI_BASE_URL: url }), coded('config_invalid'), url);
  }
  assert.throws(() => providersFromEnvironment({ OPENAI_API_KEY: 'a b' }), coded('config_invalid'));
});

function coded(code: string) {
  return (error: unknown) => NanocentError.is(error) && error.code === code;
}
