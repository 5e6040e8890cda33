import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';

/** One of the programs beside this file, as one file of JavaScript: it is at work in a third of the time. */
export async function bundleProcess(name: string, folder: string): Promise<string> {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
  });
  return outfile;
}

/** A process of which every whole line is heard. What it complains about fails the proof. */
export interface Child {
  readonly pid: number;
  /** Lines so far. */
  readonly lines: readonly string[];
  say(line: string): void;
  /** Returns when it has said so many lines, or has ended. */
  heard(lines: number): Promise<void>;
  /** Ends it with SIGKILL; returns when every line that it wrote has been read. */
  kill(): Promise<void>;
  /** Returns when it has ended by itself; throws when it did not end well. */
  ended(): Promise<void>;
  /** How it ended, whatever way. */
  readonly closed: Promise<{ readonly status: number | null; readonly signal: string | null }>;
}

export function startChild(
  script: string,
  args: readonly string[],
  options: { readonly environment?: Record<string, string>; readonly hear?: (line: string) => void } = {},
): Child {
  const child: ChildProcess = spawn(process.execPath, [script, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
  });
  const lines: string[] = [];
  let pending = '';
  let complaints = '';
  let isClosed = false;
  let wake = () => {};
  const closed = new Promise<{ status: number | null; signal: string | null }>((resolve) => {
    child.once('close', (status, signal) => {
      isClosed = true;
      resolve({ status, signal });
    });
  });
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    const whole = (pending + text).split('\n');
    // A last line without its end was cut by the kill: it says nothing.
    pending = whole.pop()!;
    for (const line of whole) {
      lines.push(line);
      options.hear?.(line);
    }
    wake();
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  // Whoever was killed reads no more.
  child.stdin!.on('error', () => {});
  return {
    pid: child.pid!,
    lines,
    closed,
    say: (line) => void child.stdin!.write(`${line}\n`),
    async heard(count) {
      while (lines.length < count && !isClosed) {
        await Promise.race([closed, new Promise<void>((resolve) => (wake = resolve))]);
      }
    },
    async kill() {
      assert.ok(!isClosed, `the process ended by itself: ${complaints}`);
      child.kill('SIGKILL');
      await closed;
      assert.equal(complaints, '');
    },
    async ended() {
      const end = await closed;
      assert.deepEqual([end.status, complaints], [0, ''], `ended by ${end.signal ?? 'itself'}`);
    },
  };
}
