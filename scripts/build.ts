// npm run build: src/ to dist/, as published.
import { spawnSync } from 'node:child_process';
import { chmodSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { bundleLibrary, bundleProgram } from './bundle.ts';

process.chdir(`${import.meta.dirname}/..`);

rmSync('dist', { recursive: true, force: true });
const { status } = spawnSync(
  process.execPath,
  ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'],
  { stdio: 'inherit' },
);
if (status !== 0) {
  process.stderr.write('build: the types above have to be right before anything is built\n');
  process.exit(1);
}

// Whoever reads these types may have an older default library than the one that knows `await using`.
for (const file of globSync('dist/**/*.d.ts')) {
  const text = readFileSync(file, 'utf8');
  if (/\b(Async)?Disposable\b|Symbol\.(async)?[dD]ispose\b/.test(text)) {
    writeFileSync(file, `/// <reference lib="esnext.disposable" />\n${text}`);
  }
}

await bundleLibrary('dist');
await bundleProgram('dist/cli');
const program = 'dist/cli/main.js';
if (!readFileSync(program, 'utf8').startsWith('#!/usr/bin/env node\n')) {
  process.stderr.write('build: src/cli/main.ts has to begin with "#!/usr/bin/env node"\n');
  process.exit(1);
}
chmodSync(program, 0o755);
