import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { fakeClock } from '../testing/fake-clock.ts';
import { createWebhook } from './webhook.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const clock = fakeClock('2026-11-22T12:00:00Z');

interface Received {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function receiver(
  answer: (response: ServerResponse, received: Received) => void,
): Promise<{ readonly url: string; readonly received: Received[]; readonly server: Server }> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    received.push({ path: request.url, headers: request.headers, body });
    answer(response, received.at(-1)!);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/hooks/private-path?token=abc`, received, server };
}

function end(server: Server): void {
  server.closeAllConnections();
  server.close();
}

test('what is sent is signed as Standard Webhooks says', async () => {
  const { url, received, server } = await receiver((response) => response.writeHead(204).end());
  const hook = createWebhook({ url, secret, clock });
  assert.deepEqual(await hook.send('alert_1', '{"a":1}'), { outcome: 'delivered' });
  end(server);
  const [{ headers, body, path }] = received as [Received];
  assert.equal(path, '/hooks/private-path?token=abc');
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['webhook-id'], 'alert_1');
  assert.equal(headers['webhook-timestamp'], String(Date.parse('2026-11-22T12:00:00Z') / 1000));
  const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
  const content = `alert_1.${headers['webhook-timestamp']}.${body}`;
  const expected = createHmac('sha256', key).update(content).digest('base64');
  assert.equal(headers['webhook-signature'], `v1,${expected}`);
});

test('the signature of the published example of Standard Webhooks', async () => {
  const { url, received, server } = await receiver((response) => response.writeHead(200).end());
  // https://github.com/standard-webhooks/standard-webhooks, its libraries' own test vector (checked 2026-11-22).
  const at = fakeClock(1_614_265_330_000);
  await createWebhook({ url, secret, clock: at }).send(
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    '{"test": 2432232314}',
  );
  end(server);
  assert.equal(received[0]?.headers['webhook-signature'], 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test('a redirect is not followed: the signed body goes nowhere else', async () => {
  const other = await receiver((response) => response.writeHead(200).end());
  const { url, server } = await receiver((response) =>
    response.writeHead(307, { location: other.url }).end(),
  );
  const delivery = await createWebhook({ url, secret, clock }).send('a', '{}');
  end(server);
  end(other.server);
  assert.deepEqual(delivery, {
    outcome: 'failed',
    error: 'the receiver answered 307; redirects are not followed',
  });
  assert.equal(other.received.length, 0);
});

test('what a receiver answers decides; what it says is not kept', async () => {
  for (const [status, outcome] of [
    [200, 'delivered'],
    [299, 'delivered'],
    [410, 'gone'],
    [404, 'failed'],
    [429, 'failed'],
    [500, 'failed'],
  ] as const) {
    const { url, server } = await receiver((response) => response.writeHead(status).end('private words'));
    const delivery = await createWebhook({ url, secret, clock }).send('a', '{}');
    end(server);
    assert.equal(delivery.outcome, outcome, String(status));
    if (delivery.outcome === 'delivered') continue;
    assert.match(delivery.error, new RegExp(`answered ${status}`));
    assert.doesNotMatch(delivery.error, /private|token|127/);
  }
});

test('one that does not answer, answers for ever, or is not there does not hold us', async () => {
  const silent = await receiver(() => {});
  const hook = createWebhook({ url: silent.url, secret, clock, timeoutMs: 50 });
  assert.deepEqual(await hook.send('a', '{}'), { outcome: 'failed', error: 'no answer within 50 ms' });
  end(silent.server);
  const endless = await receiver((response) => response.writeHead(200).write('x'));
  const patient = createWebhook({ url: endless.url, secret, clock });
  assert.deepEqual(await patient.send('a', '{}'), { outcome: 'delivered' });
  end(endless.server);
  const gone = await createWebhook({ url: endless.url, secret, clock }).send('a', '{}');
  assert.deepEqual(gone, { outcome: 'failed', error: 'the receiver could not be reached (ECONNREFUSED)' });
});

test('an address or secret that is none is said before anything is sent, without showing either', () => {
  for (const url of [
    '',
    'example.org',
    'ftp://example.org',
    'file:///etc/passwd',
    'https://ann:pw@example.org',
  ]) {
    const wrong = () => createWebhook({ url, secret, clock });
    assert.throws(wrong, { code: 'config_invalid', field: 'alerts.url' });
    assert.throws(wrong, (error: Error) => !error.message.includes('pw'));
  }
  const url = 'https://example.org/private';
  for (const short of ['', 'fifteen letters', 'whsec_MfKQ9r8G', 'x'.repeat(513)]) {
    const wrong = () => createWebhook({ url, secret: short, clock });
    assert.throws(wrong, { code: 'config_invalid', field: 'alerts.secret' });
    assert.throws(wrong, (error: Error) => short === '' || !error.message.includes(short));
  }
  const hook = createWebhook({ url, secret: 'sixteen letters!', clock });
  assert.equal(hook.origin, 'https://example.org');
  assert.doesNotMatch(inspect(hook, { depth: 9, showHidden: true }), /sixteen|private/);
});
