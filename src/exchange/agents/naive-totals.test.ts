import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundledCatalog } from '../../prices/index.ts';
import { seededRandom } from '../../testing/seeded.ts';
import type { AgentLogs } from './agent-logs.ts';
import { agentReport } from './agent-report.ts';
import { type NaiveTotals, naiveTotals } from './fixtures/naive-totals.ts';
import { noon, openHome, read } from './fixtures/open-home.ts';
import { writeRandomLogs } from './fixtures/random-logs.ts';

test('the totals are those of a naive program, for any mix of the traps', { timeout: 60_000 }, async (t) => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const { home, write } = openHome(t);
    writeRandomLogs(seededRandom(seed), write);
    const { logs } = await read(home);
    assert.deepEqual(await totalsOf(logs), await naiveTotals(home), `seed ${seed}`);
  }
});

async function totalsOf(logs: AgentLogs): Promise<NaiveTotals> {
  const totals: NaiveTotals = {};
  for (const { model, project, usage } of logs.messages()) {
    const { input, cacheRead, cacheWrite5m, cacheWrite1h, cacheWrite, output, reasoning } = usage;
    const key = `${model} ${project}`;
    totals[key] ??= { calls: 0, tokens: [0, 0, 0, 0, 0, 0, 0], nanocents: 0n };
    const total = totals[key];
    total.calls += 1;
    [input, cacheRead, cacheWrite5m, cacheWrite1h, cacheWrite, output, reasoning].forEach((count, index) => {
      total.tokens[index]! += count ?? 0;
    });
  }
  const query = { view: 'total', by: 'model', since: null, until: null, zone: 'UTC', now: noon } as const;
  for (const view of ['total', 'daily', 'session', 'blocks'] as const) {
    const report = await agentReport(logs, { ...query, view }, bundledCatalog());
    assert.equal(report.totals.sums.calls, logs.count);
    for (const row of report.rows) {
      for (const part of view === 'total' ? [row] : row.parts) {
        assert.equal(part.projects.length, 1, 'one project a model, so that models tell the money');
        if (view === 'total') totals[`${part.key} ${part.projects[0]}`]!.nanocents = part.sums.nanocents;
      }
    }
    const sum = Object.values(totals).reduce((all, { nanocents }) => all + nanocents, 0n);
    assert.equal(report.totals.sums.nanocents, sum, view);
  }
  return totals;
}
