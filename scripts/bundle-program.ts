import { existsSync, globSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

/** Threads and processes of our own: they are started by their file, which therefore stands beside the bundle. */
const started = [
  'src/books/ledger-worker.ts',
  'src/cli/import-worker.ts',
  'src/store/sqlite/select-child.ts',
  'src/exchange/agents/log-reader-worker.ts',
  'src/cli/race/race-callers.ts',
];

/**
 * The program in few files: `track` starts in 3.3 times the time of `node -e 0` where one file a module takes 5.3
 * (2026-11-22, two cores). What is imported late stays in files of its own. The library is not touched.
 */
export async function bundleProgram(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  await build({
    entryPoints: ['src/cli/main.ts', ...started].map((file) => ({ in: file, out: nameOf(file) })),
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    packages: 'external',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    chunkNames: 'part-[hash]',
    logLevel: 'warning',
  });
  for (const file of globSync(`${folder}/*.js`)) {
    for (const [, name] of readFileSync(file, 'utf8').matchAll(/new URL\([`"']\.\/([\w-]+)/g)) {
      if (existsSync(join(dirname(file), `${name}.js`))) continue;
      throw new Error(`${file} starts ${name}.js, which is not beside it: add it to "started"`);
    }
  }
}

function nameOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1, -'.ts'.length);
}
