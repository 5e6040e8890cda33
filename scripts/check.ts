// npm run check: types, lint and format, and the rules of the house. Every part runs; any problem fails.
import { spawnSync } from 'node:child_process';
import { houseProblems } from './house-rules.ts';

process.chdir(`${import.meta.dirname}/..`);

const failed: string[] = [];

for (const [name, ...command] of [
  ['types', 'typescript/bin/tsc', '--noEmit', '-p', '.'],
  [
    'lint and format',
    '@biomejs/biome/bin/biome',
    'ci',
    ...(process.stdout.isTTY ? [] : ['--colors=off']),
    '.',
  ],
] as const) {
  const [program, ...rest] = command;
  const { status } = spawnSync(process.execPath, [`node_modules/${program}`, ...rest], { stdio: 'inherit' });
  verdict(name, status === 0);
}

for (const [name, problems] of houseProblems()) {
  for (const { path, line, message } of problems) process.stdout.write(`${path}:${line}  ${message}\n`);
  verdict(name, problems.length === 0);
}

if (failed.length > 0) {
  process.stdout.write(`\ncheck failed: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}

function verdict(name: string, passed: boolean): void {
  process.stdout.write(`${passed ? '✔' : '✖'} ${name}\n`);
  if (!passed) failed.push(name);
}
