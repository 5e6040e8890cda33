import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import type { Limit } from '../../limits/limit.ts';
import { entryDraft } from '../../testing/drafts.ts';
import { writeByHand } from '../../testing/plan-machine.ts';
import { seededIds } from '../../testing/seeded.ts';
import type { Entry } from '../entry.ts';
import type { Store } from '../port.ts';
import { openSqlite } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'nanocent-views-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'books.sqlite');
const at = Date.parse('2026-03-01T10:00:00.123Z');
const ids = seededIds();
const [first, second, third] = [ids.uuid(), ids.uuid(), ids.uuid()] as const;
let store: Store;

const usage = {
  input: 10,
  cacheRead: 5,
  cacheWrite5m: null,
  cacheWrite1h: null,
  cacheWrite: null,
  output: 7,
  reasoning: 3,
  units: {},
};

const entries: Entry[] = [
  {
    ...entryDraft(
      { model: 'gpt-4', provider: 'openai', username: 'zoë', caller: 'app', 'tag:team': 'a' },
      { id: first, at, salt: 's' },
    ),
    recordedAt: at,
    usage,
    nanocents: 2n ** 53n + 1n,
    costSource: 'priced',
    endpoint: '/v1/chat/completions',
    purpose: 'chat',
    executionMicroseconds: 1_500_000,
    reservationId: third,
    requestedModel: 'gpt-4-latest',
  },
  {
    ...entryDraft({ model: 'gpt-4' }, { id: second, at: at + 1000, salt: 's' }),
    recordedAt: at,
    kind: 'adjustment',
    calls: 0,
    nanocents: -1n,
  },
  {
    ...entryDraft({ model: 'claude', provider: 'anthropic' }, { id: third, at: at + 2000, salt: 's' }),
    recordedAt: at,
  },
];

const limit: Limit = {
  id: 3,
  kind: 'limit',
  scope: 'USER',
  type: 'cost',
  max: 500_000_000_000n,
  window: { kind: 'rolling', unit: 'day', count: 2 },
  selector: { username: '*' },
  enforcement: 'hard',
  thresholds: [],
  source: 'command',
  file: null,
  raises: [],
  grants: [],
  createdAt: at,
  endedAt: null,
};

before(async () => {
  store = await openSqlite({ file, clock: { now: () => at } });
  const concurrent: Limit = {
    ...limit,
    id: 4,
    type: 'concurrent_requests',
    max: 5n,
    window: { kind: 'none' },
    selector: {},
  };
  const ended: Limit = { ...limit, id: 5, endedAt: at };
  await writeByHand(store, { entries, plan: () => ({ limits: [limit, concurrent, ended] }) });
});
after(() => store.close());

/** Straight from the file: what the query guard lets through is tried beside it. */
function rowsOf(sql: string) {
  const database = new DatabaseSync(file, { readOnly: true });
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  const rows = statement
    .all()
    .map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [
          name,
          typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value,
        ]),
      ),
    );
  database.close();
  return rows;
}

test('accounting_entries: every column of the entry, unknown as NULL', () => {
  const [one, , unpriced] = rowsOf('SELECT * FROM accounting_entries ORDER BY at_ms');
  assert.deepEqual(one, {
    id: first,
    timestamp: '2026-03-01 10:00:00',
    datetime: '2026-03-01 10:00:00',
    at_ms: at,
    model: 'gpt-4',
    model_name: 'gpt-4',
    requested_model: 'gpt-4-latest',
    provider: 'openai',
    endpoint: '/v1/chat/completions',
    prompt_tokens: 15,
    completion_tokens: 7,
    total_tokens: 22,
    local_prompt_tokens: null,
    local_completion_tokens: null,
    local_total_tokens: null,
    cached_tokens: 5,
    reasoning_tokens: 3,
    cost: 90071.99254740991,
    cost_nanocents: 2n ** 53n + 1n,
    cost_source: 'priced',
    basis: 'provider',
    execution_time: 1.5,
    caller_name: 'app',
    username: 'zoë',
    project: null,
    session: null,
    purpose: 'chat',
    key: null,
    tags: '{"team":"a"}',
    kind: 'call',
    calls: 1,
    call_id: first,
    reservation_id: third,
  });
  const { prompt_tokens, total_tokens, cost, cost_nanocents, cost_source, execution_time, tags } = unpriced!;
  assert.deepEqual(
    { prompt_tokens, total_tokens, cost, cost_nanocents, cost_source, execution_time, tags },
    {
      prompt_tokens: null,
      total_tokens: null,
      cost: null,
      cost_nanocents: null,
      cost_source: 'unpriced',
      execution_time: null,
      tags: '{}',
    },
  );
});

test('the other views, and the joins between them', () => {
  assert.deepEqual(
    rowsOf(
      'SELECT path, model, provider, purpose, actor_id, input_tokens, output_tokens, created FROM llm_usage ORDER BY created',
    ),
    [
      {
        path: '/v1/chat/completions',
        model: 'gpt-4',
        provider: 'openai',
        purpose: 'chat',
        actor_id: 'zoë',
        input_tokens: 15,
        output_tokens: 7,
        created: at,
      },
      {
        path: null,
        model: 'claude',
        provider: 'anthropic',
        purpose: null,
        actor_id: null,
        input_tokens: null,
        output_tokens: null,
        created: at + 2000,
      },
    ],
  );
  assert.deepEqual(
    rowsOf(`SELECT p.name AS provider, m.name AS model, u.credits FROM _llm_usage u
    JOIN _llm_usage_model m ON m.id = u.model_id JOIN _llm_usage_provider p ON p.id = u.provider_id AND p.id = m.provider_id ORDER BY u.created`),
    [
      { provider: 'openai', model: 'gpt-4', credits: 9007199254741 },
      { provider: 'anthropic', model: 'claude', credits: null },
    ],
  );
  assert.deepEqual(
    rowsOf(
      'SELECT model_name, username, caller_name, input_tokens, output_tokens, timestamp FROM api_requests ORDER BY timestamp',
    )[0],
    {
      model_name: 'gpt-4',
      username: 'zoë',
      caller_name: 'app',
      input_tokens: 15,
      output_tokens: 7,
      timestamp: '2026-03-01 10:00:00',
    },
  );
  assert.deepEqual(
    rowsOf(
      'SELECT id, scope, limit_type, max_value, max_exact, interval_unit, interval_value, username, model_name, created_at FROM usage_limits',
    ),
    [
      {
        id: 3,
        scope: 'USER',
        limit_type: 'cost',
        max_value: 5,
        max_exact: 500_000_000_000,
        interval_unit: 'day_rolling',
        interval_value: 2,
        username: '*',
        model_name: null,
        created_at: '2026-03-01 10:00:00',
      },
      {
        id: 4,
        scope: 'USER',
        limit_type: 'concurrent_requests',
        max_value: 5,
        max_exact: 5,
        interval_unit: null,
        interval_value: null,
        username: null,
        model_name: null,
        created_at: '2026-03-01 10:00:00',
      },
    ],
  );
});
