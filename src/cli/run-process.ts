import { run } from './run.ts';
import type { Terminal } from './terminal.ts';

/** Runs the command line of this process and leaves its exit code behind; what is written still drains. */
export async function runProcess(): Promise<void> {
  process.exitCode = await run(process.argv.slice(2), processTerminal());
}

function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  return {
    environment: env,
    get input() {
      return stdin;
    },
    inputIsTerminal: Boolean(stdin.isTTY),
    outputIsTerminal: Boolean(stdout.isTTY),
    errorIsTerminal: Boolean(stderr.isTTY),
    columns: columnsOf(stdout.isTTY ? stdout.columns : undefined, env.COLUMNS),
    out: writerTo(stdout),
    err: writerTo(stderr),
    ask,
  };
}

/** A reader that has gone (`| head`) ends the output, not the work. */
function writerTo(stream: NodeJS.WriteStream): (text: string) => void {
  let gone = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    gone = true;
  });
  return (text) => {
    if (!gone) stream.write(text);
  };
}

/** A terminal's own width, else what the environment says, else no bound: a file has none. */
function columnsOf(own: number | undefined, said: string | undefined): number {
  if (own) return own;
  return said !== undefined && /^[1-9]\d{0,4}$/.test(said) ? Number(said) : Number.POSITIVE_INFINITY;
}

async function ask(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // An end of input (Ctrl-D) is no answer, and would otherwise never settle.
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  try {
    return await Promise.race([lines.question(question), ended]);
  } finally {
    lines.close();
  }
}
