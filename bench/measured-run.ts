import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface MeasuredRun {
  readonly ms: number;
  /** Processor time: the steadier figure where others use the machine too. */
  readonly processorMs: number;
  /** The most memory that Linux says the process ever had; elsewhere 0. */
  readonly memoryMb: number;
}

/** Runs Node with these arguments to its end. Throws where it fails. */
export async function runMeasured(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<MeasuredRun> {
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
