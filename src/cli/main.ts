#!/usr/bin/env node
import { readFileSync } from 'node:fs';

// This file runs on any Node and imports nothing of ours, so that --version is immediate and an old Node is told so.
const oldestNode = 24;
const [first, ...rest] = process.argv.slice(2);

if (rest.length === 0 && (first === '--version' || first === '-V')) {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  process.stdout.write(`nanocent ${manifest.version}\n`);
} else if (Number.parseInt(process.versions.node, 10) < oldestNode) {
  process.stderr.write(
    `nanocent: needs Node ${oldestNode} or newer, this is ${process.versions.node}\n  fix: install Node ${oldestNode}\n`,
  );
  process.exitCode = 6;
} else {
  const { runProcess } = await import('./run-process.ts');
  await runProcess();
}
