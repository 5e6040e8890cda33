import assert from 'node:assert/strict';
import type { DirectoryRow } from '../../store/directory.ts';
import type { Bench, Trial } from './trial.ts';

/** Projects and users: one row for each name, changed by whoever read it last. */
export const directoryTrials: readonly Trial[] = [
  { name: 'a name of the directory is read back as it was written, until it is deleted', play: comesBack },
  { name: 'a name is taken once, whoever asks and however it is renamed', play: takenOnce },
  {
    name: 'a row of the directory that somebody changed is not changed by who read it before',
    play: movedOn,
  },
  { name: 'names of the directory by their bytes, page by page', play: pages },
];

const ann: DirectoryRow = {
  kind: 'user',
  name: 'ann',
  unit: "R&D o'unit",
  email: 'ann@example.com',
  enabled: true,
  createdAt: 1,
  updatedAt: 8_000_000_000_000,
  enabledAt: 2,
  disabledAt: null,
  version: 1,
};

async function comesBack({ subject: { store } }: Bench): Promise<void> {
  assert.equal(await store.directoryRow('user', 'ann'), null);
  assert.equal(await store.addDirectoryRow(ann), 'written');
  const project = { ...ann, kind: 'project', unit: null, email: null } as const;
  assert.equal(await store.addDirectoryRow(project), 'written', 'a project of the same name is another');
  assert.deepEqual(await store.directoryRow('user', 'ann'), ann);
  assert.deepEqual(await store.directoryRow('project', 'ann'), project);
  assert.equal(await store.directoryRow('user', 'Ann'), null);
  const away = { ...ann, enabled: false, disabledAt: 7, version: 2 };
  assert.equal(await store.replaceDirectoryRow('ann', 1, away), 'written');
  assert.deepEqual(await store.directoryRow('user', 'ann'), away);
  assert.equal(await store.deleteDirectoryRow('user', 'ann'), true);
  assert.equal(await store.deleteDirectoryRow('user', 'ann'), false);
  assert.deepEqual(await store.directoryRows('user', null, 10), []);
  assert.deepEqual(await store.directoryRows('project', null, 10), [project]);
}

async function takenOnce({ subject: { store } }: Bench): Promise<void> {
  const asked = await Promise.all([1, 2, 3].map((createdAt) => store.addDirectoryRow({ ...ann, createdAt })));
  assert.deepEqual([...asked].sort(), ['taken', 'taken', 'written']);
  await store.addDirectoryRow({ ...ann, name: 'bob' });
  assert.equal(await store.replaceDirectoryRow('bob', 1, { ...ann, version: 2 }), 'taken');
  assert.equal(await store.replaceDirectoryRow('bob', 1, { ...ann, name: 'eve', version: 2 }), 'written');
  assert.deepEqual(
    (await store.directoryRows('user', null, 10)).map(({ name, version }) => `${name} ${version}`),
    ['ann 1', 'eve 2'],
  );
}

async function movedOn({ subject: { store } }: Bench): Promise<void> {
  await store.addDirectoryRow(ann);
  const off = { ...ann, enabled: false, version: 2 };
  const asked = [off, { ...ann, email: 'new@example.com', version: 2 }];
  const results = await Promise.all(asked.map((row) => store.replaceDirectoryRow('ann', 1, row)));
  assert.deepEqual([...results].sort(), ['moved', 'written']);
  assert.deepEqual(await store.directoryRow('user', 'ann'), asked[results.indexOf('written')]);
  assert.equal(await store.replaceDirectoryRow('nobody', 1, ann), 'moved');
}

async function pages({ subject: { store } }: Bench): Promise<void> {
  const sorted = ['A b', 'Z', 'a', 'a ', 'b', 'ä', '\u{1f9fe}'];
  for (const name of [...sorted].reverse()) await store.addDirectoryRow({ ...ann, name });
  const page = async (after: string | null, limit: number) =>
    (await store.directoryRows('user', after, limit)).map(({ name }) => name);
  assert.deepEqual(await page(null, 10), sorted);
  assert.deepEqual(await page(null, 2), ['A b', 'Z']);
  assert.deepEqual(await page('Z', 3), ['a', 'a ', 'b']);
  assert.deepEqual(await page('b', 9), ['ä', '\u{1f9fe}']);
}
