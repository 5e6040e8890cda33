/**
 * `nanocent agents` over generated Claude Code logs: the built program, cold (no cache, files in the system's memory) and
 * warm, beside `node -e 0`. Build first: npm run build. MESSAGES are lines with usage, as in "100,000 log messages".
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeClaudeLogs } from './agent-logs.ts';
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

interface Measured {
  readonly ms: number;
  /** Processor time: the steadier figure where others use the machine too. */
  readonly processorMs: number;
  readonly memoryMb: number;
}

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
const measured: Record<string, Measured[]> = {};
await run(commands.warm!.argv);
for (let round = 0; round < rounds; round++) {
  for (const [name, { argv }] of Object.entries(commands)) {
    const one = await run(argv);
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

/** The most memory is what Linux says the process ever had; elsewhere 0. */
async function run(argv: readonly string[]): Promise<Measured> {
  const started = performance.now();
  const child = spawn(process.execPath, argv, { env: environment, stdio: ['ignore', 'ignore', 'inherit'] });
  let memoryMb = 0;
  let processorMs = 0;
  const look = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      memoryMb = Math.max(memoryMb, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1000);
      const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
      processorMs = (Number(stat[11]) + Number(stat[12])) * 10;
    } catch {
      // Ended between two looks, or no Linux.
    }
  }, 5);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  clearInterval(look);
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit ${code}`);
  return { ms: performance.now() - started, processorMs, memoryMb };
}
