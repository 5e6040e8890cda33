import { existsSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { type BuildOptions, build } from 'esbuild';

/** Threads and processes of our own: they are started by their file, which therefore stands beside the bundle. */
const startedByLibrary = ['src/books/ledger-worker.ts', 'src/store/sqlite/select-child.ts'];
const startedByProgram = [
  ...startedByLibrary,
  'src/cli/import-worker.ts',
  'src/exchange/agents/log-reader-worker.ts',
  'src/cli/race/race-callers.ts',
];

/**
 * The program in few files: `track` starts in 3.3 times the time of `node -e 0` where one file a module takes 5.3
 * (2026-11-22, two cores). What is imported late stays in files of its own.
 */
export async function bundleProgram(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  await bundle(folder, {
    entryPoints: ['src/cli/main.ts', ...startedByProgram].map(beside),
    minifySyntax: true,
    minifyWhitespace: true,
  });
}

/**
 * The library in few files, its entries where package.json says: `import 'nanocent'` takes 31 ms where one file a module takes
 * 95 (2026-11-22, two cores). Entries share their parts, so that there is one class of each kind. Not made small: its
 * lines stand in its users' stack traces.
 */
export async function bundleLibrary(folder: string): Promise<void> {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Record<string, Entry> };
  const entries = Object.values(exports).filter((entry) => typeof entry !== 'string');
  const entryPoints = entries.map((entry) => ({
    in: entry['nanocent-source'],
    out: relative(folder, entry.default).slice(0, -'.js'.length),
  }));
  await bundle(folder, { entryPoints: [...entryPoints, ...startedByLibrary.map(beside)] });
}

type Entry = string | { readonly 'nanocent-source': string; readonly default: string };

async function bundle(folder: string, options: BuildOptions): Promise<void> {
  const { metafile } = await build({
    ...options,
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    packages: 'external',
    legalComments: 'none',
    chunkNames: 'part-[hash]',
    logLevel: 'warning',
    metafile: true,
  });
  for (const file of Object.keys(metafile.outputs)) {
    for (const [, name] of readFileSync(file, 'utf8').matchAll(/new URL\([`"']\.\/([\w-]+)/g)) {
      if (existsSync(join(dirname(file), `${name}.js`))) continue;
      throw new Error(`${file} starts ${name}.js, which is not beside it: add it to those that are started`);
    }
  }
}

function beside(file: string): { readonly in: string; readonly out: string } {
  return { in: file, out: basename(file, '.ts') };
}
