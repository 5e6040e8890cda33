import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { dataFolder, locateStore } from '../../books/store-location.ts';
import type { Shell } from '../shell.ts';
import { parseStatusline, type StatuslineInput } from '../statusline-input.ts';
import { type Budget, type Spending, statusline } from '../statusline-line.ts';
import { styleFor } from '../style.ts';

/** Claude Code says a few kilobytes. */
const inputBytesMax = 1_048_576;
/** A prompt waits for this line: an input that does not end is not waited for longer. */
const inputTimeoutMs = 3_000;

/**
 * Always one line and exit code 0: a status line that fails would take the place of the prompt. What cannot be found out is
 * left out of it.
 */
export async function run(shell: Shell): Promise<undefined> {
  const { terminal } = shell;
  if (terminal.inputIsTerminal) {
    terminal.out('nanocent statusline reads what Claude Code says about its session\n');
    shell.note('  put this into ~/.claude/settings.json:');
    shell.note('  { "statusLine": { "type": "command", "command": "nanocent statusline" } }');
    return;
  }
  const input = parseStatusline(await readInput(terminal.input));
  if (input === null) {
    terminal.out('nanocent: no status came from Claude Code\n');
    return;
  }
  const now = Date.now();
  const [spending, budget] = await Promise.all([
    orNull(() => spendingOf(shell, input, now)),
    orNull(() => budgetOf(shell, input, now)),
  ]);
  // Whoever reads this is not a terminal, but shows colours.
  const style = styleFor(terminal, true, shell.arguments.has('no-color'));
  terminal.out(`${statusline({ input, spending, budget, now }, style, terminal.columns)}\n`);
}

async function readInput(input: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  const read = async () => {
    let bytes = 0;
    for await (const chunk of input) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > inputBytesMax) return;
    }
  };
  const late = new Promise<void>((resolve) => setTimeout(resolve, inputTimeoutMs).unref());
  await Promise.race([read(), late]);
  return Buffer.concat(chunks).toString('utf8');
}

async function spendingOf(shell: Shell, input: StatuslineInput, now: number): Promise<Spending> {
  const { recentSpending } = await import('../recent-spending.ts');
  const { environment } = shell.terminal;
  const cacheFile = join(dataFolder(environment), 'nanocent', 'statusline.cache');
  return recentSpending({
    environment,
    home: environment.HOME || homedir(),
    cacheFile,
    now,
    sessionId: input.sessionId,
  });
}

/** The cost limit with the least left of those that such a call comes under; null without a ledger, or without a limit. */
async function budgetOf(shell: Shell, input: StatuslineInput, now: number): Promise<Budget | null> {
  const { environment } = shell.terminal;
  const file = shell.arguments.text('db-file');
  const location = locateStore(file, environment, process.cwd());
  if (location.engine !== 'sqlite' || !existsSync(location.file)) return null;
  const { tightestBudget } = await import('../tightest-budget.ts');
  return tightestBudget({ store: location.file, input, now, environment });
}

async function orNull<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch {
    // A log or ledger that cannot be read is no reason to break a prompt: its part of the line is missing.
    return null;
  }
}
