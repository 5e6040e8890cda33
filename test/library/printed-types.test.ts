import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkout, succeed, temporaryFolder } from '../house/machine.ts';
import { linkPackages, sectionsOf } from './printed-examples.ts';

const documents = [
  'README.md',
  'docs/library.md',
  'docs/from-python.md',
  'docs/reservations.md',
  'docs/logs.md',
];

test('the printed examples have the types that they claim, in strict TypeScript', () => {
  using folder = temporaryFolder();
  linkPackages(folder.path);
  const blocks = documents.flatMap((document) => sectionsOf(document).flatMap(({ blocks }) => blocks));
  const files = blocks
    .filter(({ language, note }) => language === 'ts' && note === '')
    .map(({ code }, index) => {
      writeFileSync(join(folder.path, `example-${index}.ts`), code);
      return `example-${index}.ts`;
    });
  const settings = {
    extends: join(checkout, 'tsconfig.json'),
    compilerOptions: { noUnusedLocals: false },
    files,
  };
  writeFileSync(join(folder.path, 'tsconfig.json'), JSON.stringify({ ...settings, include: [] }));
  succeed(process.execPath, [join(checkout, 'node_modules/typescript/bin/tsc'), '-p', '.'], {
    cwd: folder.path,
  });
});
