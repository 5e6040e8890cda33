/** Cold starts of the built package, as multiples of `node -e 0` in the same run. Build first: npm run build. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machineLine, median, say, table, temporaryFolder } from './support.ts';

const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const ledger = join(temporaryFolder(), 'cold.sqlite');
const rounds = Number(process.env.ROUNDS ?? 25);
const track = ['track', '--model', 'gpt-4o-mini', '--prompt-tokens', '100', '--completion-tokens', '50'];
const library = new URL('../dist/index.js', import.meta.url).href;
const commands: Record<string, { readonly argv: readonly string[]; readonly wanted: number | null }> = {
  'node -e 0': { argv: ['-e', '0'], wanted: null },
  '--version': { argv: [program, '--version'], wanted: 2 },
  track: { argv: [program, ...track, '--db-file', ledger], wanted: 4 },
  price: { argv: [program, 'price', '--model', 'gpt-4o', '--input', '1000', '--output', '500'], wanted: 3 },
  "import 'nanocent'": { argv: ['--input-type=module', '-e', `await import('${library}')`], wanted: null },
};

run(commands.track!.argv);
const times: Record<string, number[]> = {};
for (let round = 0; round < rounds; round++) {
  for (const [name, { argv }] of Object.entries(commands)) {
    times[name] = [...(times[name] ?? []), run(argv)];
  }
}
const base = median(times['node -e 0']!);
say(`${machineLine()}\nmedian of ${rounds} interleaved starts\n`);
say(
  table(
    ['command', 'ms', 'of node -e 0', 'wanted'],
    Object.entries(commands).map(([name, { wanted }]) => {
      const time = median(times[name]!);
      return [name, time.toFixed(0), `${(time / base).toFixed(2)}×`, wanted === null ? '' : `≤ ${wanted}×`];
    }),
  ),
);
const imports = median(times["import 'nanocent'"]!) - base;
say(`\nimporting the library takes ${imports.toFixed(0)} ms beside the start of Node; wanted: < 60`);

function run(argv: readonly string[]): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${argv.join(' ')}: exit ${status}\n${stderr}`);
  return performance.now() - started;
}
