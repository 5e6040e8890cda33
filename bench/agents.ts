/**
 * `nanocent agents` over generated Claude Code logs: the built program, cold (no cache, files in the system's memory) and
 * warm, beside `node -e 0`. Build first: npm run build. MESSAGES are lines with usage, as in "100,000 log messages".
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeClaudeLogs } from './agent-logs.ts';
import { type MeasuredRun, runMeasured } from './measured-run.ts';
import { machineLine, median, rate, say, table, temporaryFolder } from './support.ts';

const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const messages = Number(process.env.MESSAGES ?? 100_000);
const rounds = Number(process.env.ROUNDS ?? 7);
const home = temporaryFolder();
const environment = {
  ...process.env,
  HOME: home,
  XDG_CACHE_HOME: join(home, 'cache'),
  XDG_DATA_HOME: join(home, 'data'),
};

const written = writeClaudeLogs(home, { messages, sessions: 240 });
say(machineLine());
say(
  `${rate(written.messages)} messages of ${rate(written.calls)} calls among ${rate(written.lines)} lines, ${(written.bytes / 1e6).toFixed(0)} MB in 240 files; medians of ${rounds} rounds\n`,
);
const commands: Record<string, { readonly argv: readonly string[]; readonly wanted: string }> = {
  'node -e 0': { argv: ['-e', '0'], wanted: '' },
  cold: { argv: [program, 'agents', '--no-cache', '--json'], wanted: '≤ 1000 ms, ≤ 150 MB' },
  warm: { argv: [program, 'agents', '--json'], wanted: '≤ 300 ms, ≤ 150 MB' },
};
const measured: Record<string, MeasuredRun[]> = {};
await runMeasured(commands.warm!.argv, environment);
for (let round = 0; round < rounds; round++) {
  for (const [name, { argv }] of Object.entries(commands)) {
    const one = await runMeasured(argv, environment);
    measured[name] = [...(measured[name] ?? []), one];
  }
}
say(
  table(
    ['report', 'ms', 'least', 'processor ms', 'MB', 'wanted'],
    Object.entries(commands).map(([name, { wanted }]) => {
      const own = measured[name]!;
      return [
        name,
        median(own.map(({ ms }) => ms)).toFixed(0),
        Math.min(...own.map(({ ms }) => ms)).toFixed(0),
        median(own.map(({ processorMs }) => processorMs)).toFixed(0),
        Math.max(...own.map(({ memoryMb }) => memoryMb)).toFixed(0),
        wanted,
      ];
    }),
  ),
);
