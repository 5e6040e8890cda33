// npm test: the tests beside their source and in test/, two files at a time; then the proofs in test/alone/,
// which start processes and install packages, one after the other. One report and one summary for both.
// Arguments select files by the start of their path: npm test -- src/money test/house
import { globSync } from 'node:fs';
import { Readable } from 'node:stream';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

process.chdir(`${import.meta.dirname}/..`);

const fileTimeoutMs = 15 * 60_000;
const phases = [
  {
    files: globSync(['src/**/*.test.ts', 'test/**/*.test.ts'], { exclude: ['test/alone/**'] }),
    concurrency: 2,
  },
  { files: globSync('test/alone/*.test.ts'), concurrency: 1 },
];
const wanted = process.argv.slice(2).map((path) => path.replace(/^\.\//, ''));

type TestEvent = { readonly type: string; readonly data: Record<string, unknown> };

const totals: Record<string, number> = {};
const notRun = new Set<string>();
Readable.from(report()).compose(spec).pipe(process.stdout);

async function* report(): AsyncGenerator<TestEvent> {
  const startedAt = performance.now();
  for (const { files, concurrency } of phases) {
    const chosen = files.filter(
      (file) => wanted.length === 0 || wanted.some((start) => file.startsWith(start)),
    );
    // Backwards, so that the long proofs of test/ do not come last, one of two places empty beside them.
    if (chosen.length > 0) yield* phase(chosen.sort().reverse(), concurrency);
  }
  totals.duration_ms = Math.round(performance.now() - startedAt);
  if (!totals.tests) {
    process.exitCode = 1;
    yield diagnostic(`no test ran: nothing starts with ${wanted.join(' or ')}`);
  }
  for (const need of notRun) yield diagnostic(need);
  for (const [name, count] of Object.entries(totals)) yield diagnostic(`${name} ${count}`);
}

/** The events of one run; its closing counts are added up instead of being shown. */
async function* phase(files: string[], concurrency: number): AsyncGenerator<TestEvent> {
  const execArgv = ['--conditions=nanocent-source'];
  for await (const event of run({
    files,
    concurrency,
    execArgv,
    timeout: fileTimeoutMs,
  }) as AsyncIterable<TestEvent>) {
    const { type, data } = event;
    if (type === 'test:fail' && data.todo === undefined) process.exitCode = 1;
    const message = type === 'test:diagnostic' ? String(data.message) : '';
    if (message.startsWith('not run:')) notRun.add(message);
    const count = data.nesting === 0 && data.file === undefined && /^(\w+) ([\d.]+)$/.exec(message);
    if (count) totals[count[1] as string] = (totals[count[1] as string] ?? 0) + Number(count[2]);
    else yield event;
  }
}

function diagnostic(message: string): TestEvent {
  return { type: 'test:diagnostic', data: { nesting: 0, message, level: 'info' } };
}
