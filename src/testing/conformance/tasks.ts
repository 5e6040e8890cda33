import assert from 'node:assert/strict';
import { openLedger } from '../../core/ledger.ts';
import type { TaskNext, TaskRequest, TaskResult } from '../../core/tasks.ts';
import type { Task } from '../../store/task.ts';
import { writeByHand } from '../plan-machine.ts';
import { costLimit, requestsFor } from '../requests.ts';
import type { Bench, Trial } from './trial.ts';

/** Things to be done after a commit: kept as they are, changed by one, and never without the movement that causes them. */
export const taskTrials: readonly Trial[] = [
  { name: 'a task is read back as it was written, until it is deleted', play: comesBack },
  { name: 'tasks that are due, by kind, oldest first', play: dueOnes },
  { name: 'tasks by kind and state, latest first', play: filtered },
  { name: 'a task that somebody changed is not changed by who read it before', play: movedOn },
  { name: 'one of many who ask for the same task at once gets it', play: claimedOnce },
  { name: 'a task that is written only where it is new stays as it was', play: onlyNew },
  { name: 'a batch that is not committed leaves no task', play: withItsBatch },
  { name: 'every account of a limit is loaded where its limit is named', play: accountsOfLimit },
];

const minute = 60_000;

function next(more: Partial<TaskNext> = {}): TaskNext {
  return { kind: 'errand', body: '{}', dueInMs: 0, attempts: 0, error: null, ...more };
}

function change(key: string, version: number, more: Partial<TaskNext> | null = {}): TaskRequest {
  return { kind: 'task', key, version, next: more && next(more) };
}

function taskOf(result: TaskResult): Task | null {
  assert.equal(result.outcome, 'task_changed');
  return result.task;
}

async function comesBack({ ledger, clock }: Bench): Promise<void> {
  const { reads } = ledger;
  assert.equal(await reads.task('a'), null);
  const body = JSON.stringify({ text: "o'neil \u{1f9fe} \u0000", large: 'x'.repeat(9000) });
  const made = taskOf(await ledger.changeTask(change('a', 0, { body, dueInMs: 5 * minute })));
  const wanted = { key: 'a', kind: 'errand', body, attempts: 0, error: null, version: 1 };
  assert.deepEqual(made, { ...wanted, dueAt: clock.now() + 5 * minute, updatedAt: clock.now() });
  assert.deepEqual(await reads.task('a'), made);
  clock.advance(7);
  const failed = { body: '[1]', kind: 'other', dueInMs: null, attempts: 3, error: 'it did not work' };
  const changed = taskOf(await ledger.changeTask(change('a', 1, failed)));
  const { dueInMs: dueAt, ...rest } = failed;
  assert.deepEqual(changed, { ...rest, key: 'a', dueAt, version: 2, updatedAt: clock.now() });
  assert.deepEqual(await reads.task('a'), changed);
  assert.equal(taskOf(await ledger.changeTask(change('a', 2, null))), null);
  assert.equal(await reads.task('a'), null);
  assert.equal(taskOf(await ledger.changeTask(change('a', 0)))?.version, 1, 'the key may be used again');
}

async function dueOnes({ ledger, clock }: Bench): Promise<void> {
  const due = async (kind: string, limit: number) =>
    (await ledger.reads.dueTasks(kind, limit)).tasks.map(({ key }) => key);
  for (const [key, dueInMs] of [
    ['later', 3 * minute],
    ['first', minute],
    ['never', null],
    ['second', 2 * minute],
    ['also second', 2 * minute],
  ] as const) {
    await ledger.changeTask(change(key, 0, { dueInMs }));
  }
  await ledger.changeTask(change('stranger', 0, { kind: 'other', dueInMs: minute }));
  clock.advance(minute - 1);
  assert.deepEqual(await due('errand', 10), []);
  clock.advance(1);
  assert.deepEqual(await due('errand', 10), ['first'], 'due at that very instant');
  clock.advance(minute);
  assert.deepEqual(await due('errand', 10), ['first', 'also second', 'second']);
  assert.deepEqual(await due('errand', 2), ['first', 'also second']);
  assert.deepEqual(await due('other', 10), ['stranger']);
  assert.deepEqual(await due('unheard of', 10), []);
  assert.equal((await ledger.reads.dueTasks('errand', 1)).now, clock.now());
}

async function filtered({ ledger, clock }: Bench): Promise<void> {
  const states = [
    ['waiting', { dueInMs: 0 }],
    ['failing', { dueInMs: minute, attempts: 2, error: 'no' }],
    ['resting', { dueInMs: null }],
    ['dead', { dueInMs: null, attempts: 9, error: 'gave up' }],
    ['other', { kind: 'other', dueInMs: null }],
  ] as const;
  for (const [key, more] of states) {
    await ledger.changeTask(change(key, 0, more));
    clock.advance(1);
  }
  const found = async (filter: object) =>
    (await ledger.reads.tasks({ limit: 10, ...filter })).map(({ key }) => key);
  assert.deepEqual(await found({}), ['other', 'dead', 'resting', 'failing', 'waiting']);
  assert.deepEqual(await found({ kind: 'errand' }), ['dead', 'resting', 'failing', 'waiting']);
  assert.deepEqual(await found({ state: 'waiting' }), ['failing', 'waiting']);
  assert.deepEqual(await found({ state: 'dead' }), ['dead']);
  assert.deepEqual(await found({ state: 'resting', kind: 'other' }), ['other']);
  assert.deepEqual(await found({ failing: true }), ['dead', 'failing']);
  assert.deepEqual(await found({ failing: false, kind: 'errand' }), ['resting', 'waiting']);
  assert.deepEqual(await found({ limit: 2 }), ['other', 'dead']);
  await ledger.changeTask(change('waiting', 1));
  assert.deepEqual(await found({ limit: 1 }), ['waiting'], 'a change brings it to the top');
}

async function movedOn({ ledger }: Bench): Promise<void> {
  const made = taskOf(await ledger.changeTask(change('a', 0)))!;
  for (const stale of [0, 2, 7]) {
    const result = await ledger.changeTask(change('a', stale, { body: '"late"' }));
    assert.deepEqual(result, { outcome: 'task_moved', task: made });
  }
  assert.deepEqual(await ledger.changeTask(change('a', 9, null)), { outcome: 'task_moved', task: made });
  assert.deepEqual(await ledger.changeTask(change('gone', 1)), { outcome: 'task_moved', task: null });
  assert.deepEqual(await ledger.reads.task('a'), made);
}

async function claimedOnce({ ledger, subject }: Bench): Promise<void> {
  const other = subject.another ? await subject.another() : null;
  const workers = [ledger, openLedger(subject.store), ...(other ? [openLedger(other)] : [])];
  try {
    await ledger.changeTask(change('a', 0));
    for (let round = 1; round <= 20; round++) {
      const claims = Array.from({ length: 30 }, (_, index) =>
        workers[index % workers.length]!.changeTask(change('a', round, { body: String(index) })),
      );
      const results = await Promise.all(claims);
      const won = results.flatMap(({ outcome }, index) => (outcome === 'task_changed' ? [index] : []));
      assert.equal(won.length, 1, `round ${round}`);
      const { version, body } = (await ledger.reads.task('a'))!;
      assert.deepEqual([version, body], [round + 1, String(won[0])], 'what stands is what the winner wrote');
    }
  } finally {
    await other?.close();
  }
}

async function onlyNew({ ledger, subject, clock }: Bench): Promise<void> {
  const fresh = (key: string, body: string): Task => {
    const rest = { kind: 'errand', dueAt: clock.now(), attempts: 0, error: null, version: 1 };
    return { key, body, ...rest, updatedAt: clock.now() };
  };
  const write = (tasks: readonly Task[]) =>
    writeByHand(subject.store, { plan: () => ({ tasks: { rows: [], onlyNew: tasks, ended: [] } }) });
  await write([fresh('a', '1'), fresh('b', '1')]);
  taskOf(await ledger.changeTask(change('b', 1, { body: '2', dueInMs: null })));
  await write([fresh('a', '3'), fresh('b', '3'), fresh('c', '3')]);
  const kept = await Promise.all(['a', 'b', 'c'].map((key) => ledger.reads.task(key)));
  assert.deepEqual(
    kept.map((task) => [task?.body, task?.dueAt, task?.version]),
    [
      ['1', clock.now(), 1],
      ['2', null, 2],
      ['3', clock.now(), 1],
    ],
  );
  const { held } = await writeByHand(subject.store, { tasks: ['b', 'unheard of'] });
  assert.deepEqual([...held.tasks.values()], [kept[1]], 'a batch is given the tasks that it names');
}

async function withItsBatch({ ledger, subject, ids, clock }: Bench): Promise<void> {
  const { record } = requestsFor(ids, clock);
  await ledger.write(record(1n));
  const plan = () => {
    throw new Error('the batch fails');
  };
  await assert.rejects(writeByHand(subject.store, { tasks: ['a'], plan }));
  const wrong = {
    reservations: [],
    entries: [{ ...(await ledger.reads.entries(all)).entries[0]!, id: ids.uuid() }],
    tasks: {
      rows: [{ ...next(), key: 'a', dueAt: 0, version: 1, updatedAt: 0 }],
      onlyNew: [{ ...next(), key: 'b', dueAt: 0, version: 1, updatedAt: 0 }],
      ended: [],
    },
  };
  if (subject.store.engine !== 'memory') {
    // A row without a line is a plan that no engine may write.
    await assert.rejects(writeByHand(subject.store, { plan: () => wrong }), { code: 'plan_impossible' });
  }
  assert.deepEqual(await ledger.reads.tasks({ limit: 10 }), []);
}

async function accountsOfLimit({ ledger, subject, ids, clock }: Bench): Promise<void> {
  const { record } = requestsFor(ids, clock);
  await ledger.write(costLimit(100n));
  await ledger.write(costLimit(50n, 'username'));
  for (const [username, amount] of [
    ['ann', 3n],
    ['bob', 40n],
  ] as const) {
    await ledger.write(record(amount, { username }));
  }
  const loaded = async (limits: readonly number[]) => {
    const { held } = await writeByHand(subject.store, { accountsOfLimits: limits });
    return [...held.accounts.values()].map(({ limitId, settled }) => `${limitId}: ${settled}`).sort();
  };
  assert.deepEqual(await loaded([]), []);
  assert.deepEqual(await loaded([2]), ['2: 3', '2: 40']);
  assert.deepEqual(await loaded([1, 2, 99]), ['1: 43', '2: 3', '2: 40']);
}

const all = { filter: {}, from: null, to: null, limit: 1 } as const;
