import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBooks } from '../../src/books/open-books.ts';
import { Witness } from '../../src/testing/witness.ts';
import { ledgerFile, nanocent, on } from './command-line.ts';

const limit = ['limits', 'set', '--scope', 'USER', '--username', '*', '--limit-type', 'cost'];
const daily = [
  ...limit,
  '--max-value',
  '1',
  '--interval-unit',
  'day',
  '--threshold',
  '50',
  '--threshold',
  '80',
];

test('limits alerts: what was reached, and whether somebody was told', async (t) => {
  const file = ledgerFile(t);
  const run = on(file);
  assert.match(await run('limits', 'alerts'), /^no threshold was reached yet/);
  await run(...daily);
  await run('track', '--model', 'm', '--cost', '0.5', '--username', 'ann');
  const waiting = JSON.parse(await run('limits', 'alerts', '--json'));
  assert.equal(waiting.schema, 'nanocent.alerts/1');
  const [{ id, firedAt, window, limit: of, ...alert }] = waiting.alerts;
  assert.match(id, /^alert_/);
  assert.ok(firedAt >= window.start && firedAt < window.end);
  assert.deepEqual([of.id, of.type], [1, 'cost']);
  assert.deepEqual(alert, {
    ...{ threshold: 50, subject: { username: 'ann' }, used: '0.50', max: '1.00' },
    ...{ told: 'waiting', attempts: 0, error: null },
  });
  const table = await run('limits', 'alerts');
  assert.match(table, /username ann\s+50%\s+\$0\.50\s+\$1\.00\s+waiting/);
  const heard: number[] = [];
  const onAlert = ({ threshold }: { threshold: number }) => void heard.push(threshold);
  const books = await openBooks({ store: file, environment: {}, background: false, onAlert });
  await books.deliverDue();
  await books.close();
  assert.deepEqual(heard, [50]);
  const csv = await run('limits', 'alerts', '--csv');
  assert.match(csv, /,1,"\{""username"":""ann""\}",50,0\.50,1\.00,delivered,0,\r?\n$/);
  await run('track', '--model', 'm', '--cost', '0.5', '--username', 'ann');
  const latest = JSON.parse(await run('limits', 'alerts', '-n', '1', '--json'));
  assert.deepEqual([latest.alerts.length, latest.alerts[0].threshold], [1, 80]);
  assert.equal((await nanocent(['--db-file', file, 'limits', 'alerts', '-n', '0'])).code, 2);
});

test('an address of alerts that is wrong does not hold up a command that sends none', async (t) => {
  const file = ledgerFile(t);
  const environment = { NANOCENT_ALERT_URL: 'nowhere' };
  const said = await nanocent(['--db-file', file, 'track', '--model', 'm', '--cost', '1'], { environment });
  assert.equal(said.code, 0);
});

test('doctor names what is to be told, and why it was not', async (t) => {
  const file = ledgerFile(t);
  const run = on(file);
  const check = async (name: string) => {
    const { checks } = JSON.parse(await run('doctor', '--json'));
    return checks.find((one: { name: string }) => one.name === name);
  };
  await run(...daily);
  assert.deepEqual([await check('alerts'), await check('accountants')], [undefined, undefined]);
  await run('track', '--model', 'm', '--cost', '0.9', '--username', 'ann');
  const fresh = await check('alerts');
  assert.deepEqual([fresh.status, fresh.detail], ['ok', '2 thresholds reached, 2 to be told']);

  const wallet = new Witness('wallet', []);
  wallet.fails.set('settle', [new Error('no money line')]);
  const onAlert = () => {
    throw new Error('receiver away');
  };
  const books = await openBooks({
    ...{ store: file, environment: {}, background: false },
    ...{ onAlert, accountants: [wallet] },
  });
  const held = await books.reserve({ model: 'm', nanocents: 5n });
  if (held.outcome === 'reserved') await books.settle(held.reservation.id, { nanocents: 5n });
  await books.deliverDue();
  await books.close();
  const alerts = await check('alerts');
  assert.deepEqual([alerts.status, alerts.detail], ['warn', '2 alerts not told (receiver away)']);
  const accountants = await check('accountants');
  assert.equal(accountants.status, 'warn');
  assert.match(accountants.detail, /^1 reservation of which .* \(wallet: no money line\)$/);
});
