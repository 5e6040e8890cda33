import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkErrors } from '../../scripts/check-errors.ts';
import { checkImports } from '../../scripts/check-imports.ts';
import { checkPurity } from '../../scripts/check-purity.ts';
import { checkSizes, fileLinesMax, functionLinesMax } from '../../scripts/check-sizes.ts';
import { checkWords } from '../../scripts/check-words.ts';
import { exceptions } from '../../scripts/exceptions.ts';
import { houseProblems } from '../../scripts/house-rules.ts';
import { parseSource } from '../../scripts/source.ts';
import { checkout } from './machine.ts';

process.chdir(checkout);

for (const [rule, problems] of houseProblems()) {
  test(`the checkout keeps the rule: ${rule}`, () => {
    assert.deepEqual(
      problems.map(({ path, line, message }) => `${path}:${line} ${message}`),
      [],
    );
  });
}

test('an exception names its reason and the day it was granted', () => {
  for (const { reason, granted } of exceptions) {
    assert.ok(reason.length > 20);
    assert.match(granted, /^20\d\d-\d\d-\d\d$/);
  }
});

// Each row: where it stands, what is written there, and a part of the objection; null where there is none.
const imports: [path: string, text: string, objection: string | null][] = [
  ['src/ledger/a.ts', `import { add } from '../money/add.ts'`, null],
  ['src/ledger/a.ts', `import { a } from '../errors/error.ts'`, null],
  ['src/ledger/a.ts', `import { b } from './b.ts'`, null],
  ['src/ledger/a.ts', `import { read } from '../usage/read.ts'`, '"ledger" may not import "usage"'],
  ['src/ledger/a.ts', `import type { Usage } from '../usage/usage.ts'`, '"ledger" may not import "usage"'],
  ['src/ledger/a.ts', `import '../usage/register.ts'`, '"ledger" may not import "usage"'],
  ['src/ledger/a.ts', `export * from '../usage/usage.ts'`, '"ledger" may not import "usage"'],
  ['src/ledger/a.ts', `export type { Usage } from '../usage/usage.ts'`, '"ledger" may not import "usage"'],
  ['src/ledger/a.ts', `const u = await import('../usage/usage.ts')`, '"ledger" may not import "usage"'],
  ['src/ledger/a.ts', `const u = await import(\`../usage/\${name}.ts\`)`, '"ledger" may not import "usage"'],
  ['src/ledger/a.ts', `let u: import('../usage/usage.ts').Usage`, '"ledger" may not import "usage"'],
  ['src/money/a.ts', `import { a } from '../time/a.ts'`, '"money" may not import "time"'],
  ['src/money/a.ts', `import fs from 'node:fs'`, 'may not import node:fs'],
  ['src/money/a.ts', `import fc from 'fast-check'`, 'may not import the package fast-check'],
  ['src/money/a.test.ts', `import fc from 'fast-check'; import test from 'node:test'`, null],
  ['src/money/a.test.ts', `import { clock } from '../testing/clock.ts'`, null],
  ['src/money/a.test.ts', `import { u } from '../usage/usage.ts'`, '"money" may not import "usage"'],
  ['src/core/a.ts', `import { clock } from '../testing/clock.ts'`, '"core" may not import "testing"'],
  ['src/core/a.ts', `import { open } from '../store/sqlite/open.ts'`, '"core" may not import "store/sqlite"'],
  ['src/core/a.ts', `import { Port } from '../store/port.ts'`, null],
  ['src/core/a.test.ts', `import { open } from '../store/sqlite/open.ts'`, null],
  [
    'src/store/sqlite/a.ts',
    `import { b } from '../memory/b.ts'`,
    '"store/sqlite" may not import "store/memory"',
  ],
  ['src/store/sqlite/a.ts', `import type { Plan } from '../../ledger/plan.ts'`, null],
  ['src/store/sqlite/a.ts', `import { type Plan } from '../../ledger/plan.ts'`, null],
  [
    'src/store/sqlite/a.ts',
    `import { type Plan, plan } from '../../ledger/plan.ts'`,
    'only types of "ledger"',
  ],
  ['src/store/sqlite/a.ts', `import { genesisHash } from '../../ledger/journal.ts'`, null],
  ['src/cli/a.ts', `import { open } from '../store/sqlite/open.ts'`, '"cli" may not import "store/sqlite"'],
  ['src/meter/a.ts', `import { request } from 'undici'`, null],
  ['src/gateway/a.ts', `import { request } from 'undici/types'`, null],
  ['src/core/a.ts', `import { request } from 'undici'`, 'may not import the package undici'],
  ['src/core/a.ts', `import { b } from './b'`, 'write the extension'],
  ['src/core/a.ts', `import { b } from './b.test.ts'`, 'is a test'],
  ['src/core/a.ts', `import { b } from '../../scripts/b.ts'`, 'not shipped'],
  ['src/attic/a.ts', `import { b } from '../core/b.ts'`, 'no row in scripts/import-law.ts'],
  ['src/index.ts', `export { openBooks } from './books/open-books.ts'`, null],
  ['src/index.ts', `import fs from 'node:fs'`, 'only re-exports'],
  ['test/a.test.ts', `import { b } from '../src/ledger/b.ts'`, null],
];

test('the import law sees every form of import', () => {
  for (const [path, text, objection] of imports) {
    const problems = checkImports([parseSource(path, `${text};`)]);
    expectObjection(problems, objection, `${path}: ${text}`);
  }
});

const purity: typeof imports = [
  ['src/time/a.ts', 'const t = Date.now();', 'Date.now in a pure room'],
  ['src/time/a.ts', 'const now = Date.now;', 'Date.now in a pure room'],
  ['src/time/a.ts', 'const t = new Date();', 'new Date() reads the clock'],
  ['src/time/a.ts', 'const t = new Date(at);', null],
  ['src/time/a.ts', '// Date.now() and process.env are not for here', null],
  ['src/ledger/a.ts', 'const home = process.env.HOME;', 'process in a pure room'],
  ['src/ledger/a.ts', 'const body = await fetch(url);', 'fetch in a pure room'],
  ['src/ledger/a.ts', 'const body = port.fetch(url);', null],
  ['src/ledger/a.ts', 'interface Port { fetch(url: string): void; process: string }', null],
  ['src/ledger/a.ts', 'const id = crypto.randomUUID();', 'crypto in a pure room'],
  ['src/ledger/a.ts', 'const random = Math.random();', 'Math.random in a pure room'],
  ['src/ledger/a.test.ts', 'const t = Date.now();', null],
  ['src/core/a.ts', 'const t = Date.now();', null],
  ['src/money/a.ts', 'const n = Number(amount);', 'Number() where money is held'],
  ['src/money/a.ts', 'const n = Number(amount); // count:', 'Number() where money is held'],
  ['src/money/a.ts', 'const n = Number(digits); // count: an exponent, at most 20', null],
  ['src/money/a.ts', 'const ok = Number.isSafeInteger(count);', null],
  ['src/prices/a.ts', 'const n = parseFloat(price);', 'parseFloat() where money is held'],
  ['src/prices/a.ts', 'const n = price.toFixed(2);', 'toFixed where money is held'],
  ['src/ledger/a.ts', 'const n = [1, 2].map(Math.floor);', 'Math.floor where money is held'],
  ['src/usage/a.ts', 'const n = Math.floor(count);', null],
];

test('pure rooms read nothing from outside, rooms with money use no floating point', () => {
  for (const [path, text, objection] of purity) {
    expectObjection(checkPurity([parseSource(path, text)]), objection, `${path}: ${text}`);
  }
});

test('sizes: the bound itself passes, one line more does not', () => {
  const file = (lines: number) => parseSource('src/core/a.ts', 'export {};\n'.repeat(lines));
  assert.equal(checkSizes([file(fileLinesMax)]).length, 0);
  expectObjection(checkSizes([file(fileLinesMax + 1)]), '401 lines', 'file');

  const generated = `// Generated by \`npm run prices\`\n${'export {};\n'.repeat(fileLinesMax)}`;
  assert.equal(checkSizes([parseSource('src/prices/data/a.ts', generated)]).length, 0);

  const body = (lines: number) => `() => {\n${'work();\n'.repeat(lines - 2)}}`;
  const code = (text: string) => checkSizes([parseSource('src/core/a.ts', text)]);
  assert.equal(code(`const f = ${body(functionLinesMax)};`).length, 0);
  expectObjection(code(`const f = ${body(functionLinesMax + 1)};`), 'a function of 71 lines', 'arrow');
  expectObjection(code(`class A { m${body(90).replace('=> ', '')} }`), 'a function of 90 lines', 'method');
  assert.equal(code(`test('a story', ${body(90)});`).length, 0);
});

test('words: unfinished work, tests switched off, silenced checks, paths of one machine', () => {
  // Written in parts, because this file is checked as well.
  const rows: typeof imports = [
    ['src/core/a.ts', `// TO${'DO'} later`, 'finish it'],
    ['src/core/a.ts', `throw new Error('not imple${'mented'}')`, 'finish it'],
    ['src/core/a.ts', '// what is left to do here: nothing', null],
    ['src/core/a.test.ts', `test.on${'ly'}('a', run)`, 'runs always'],
    ['src/core/a.test.ts', `test('a', { sk${'ip'}: true }, run)`, 'runs always'],
    ['src/core/a.ts', `// @ts-ig${'nore'}`, 'mend the cause'],
    ['src/core/a.ts', `// biome-ig${'nore'} lint/x: the type says otherwise`, null],
    ['src/core/a.ts', `// biome-ig${'nore'} lint/x`, 'mend the cause'],
    ['test/a.ts', `read('/ho${'me'}/ann/file')`, 'a path of one machine'],
    ['test/a.ts', `fetch('http://x/home/y')`, null],
  ];
  for (const [path, text, objection] of rows) {
    expectObjection(checkWords([parseSource(path, text)]), objection, text);
  }
});

test('error codes: a missing, wrong, empty, spare or unused row is a problem', () => {
  const uses = [parseSource('src/core/a.ts', `fail('late_fee'); fail('gone');`)];
  const codes = { late_fee: 'invalid', gone: 'not_found' };
  const late = '| `late_fee` | invalid | It is late. | Pay. |\n';
  const gone = '| `gone` | not_found | It went. | Look again. |\n';
  const rows: [document: string, objection: string | null][] = [
    [late + gone, null],
    [late, 'no row for gone'],
    [late + gone.replace('not_found', 'conflict'), 'the row says conflict'],
    [late + gone.replace('Look again.', ' '), 'say what it means and what to do'],
    [`${late}${gone}| \`ghost\` | invalid | Boo. | Run. |\n`, 'ghost is no error code'],
  ];
  for (const [document, objection] of rows) {
    expectObjection(checkErrors(codes, document, uses), objection, document);
  }
  expectObjection(checkErrors(codes, late + gone, []), 'used nowhere', 'no use');
});

function expectObjection(problems: { message: string }[], objection: string | null, what: string): void {
  const messages = problems.map(({ message }) => message);
  if (objection === null) assert.deepEqual(messages, [], what);
  else
    assert.ok(
      messages.some((message) => message.includes(objection)),
      `${what}\n${messages.join('\n')}`,
    );
}
