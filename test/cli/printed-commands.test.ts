import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { ledgerFile, nanocent, on } from './command-line.ts';
import { commandsOf, printed } from './printed-commands.ts';

const variables = {
  PROMPT_TOKENS: '30',
  COMPLETION_TOKENS: '12',
  TOTAL_TOKENS: '42',
  COST: '0.0007',
  EXECUTION_TIME: '0.25',
  USER: 'script_user',
};

/** A real shell splits and expands each command; what it would pass to the program comes back. */
function shellWords(commands: readonly string[]): string[][] {
  const script = commands.map((command) => command.replace(/^llm-accounting /, 'words ')).join('\n');
  const { stdout } = spawnSync('sh', ['-c', `words() { printf '%s\\0' "$@"; printf '\\n\\0'; }\n${script}`], {
    encoding: 'utf8',
    env: { ...process.env, ...variables },
  });
  return stdout
    .split('\n\0')
    .slice(0, -1)
    .map((words) => words.split('\0').slice(0, -1));
}

for (const [manual, text] of Object.entries(printed)) {
  test(`the commands that manual ${manual} prints run as printed`, async (t) => {
    const file = ledgerFile(t);
    const before = process.cwd();
    process.chdir(resolve(file, '..'));
    t.after(() => process.chdir(before));
    const commands = shellWords(commandsOf(text));
    assert.equal(commands.length, { '003': 16, '004': 17 }[manual]);
    for (const words of commands) {
      // Nothing listens at port 1: the printed host is somebody else's.
      const local = words.map((word) => word.replace('host.neon.tech', '127.0.0.1:1'));
      const said = await nanocent(local, { environment: { NANOCENT_DB_FILE: 'books.sqlite' } });
      if (words.includes('neon')) {
        assert.equal(said.code, 6, said.err);
        assert.match(said.err, /127\.0\.0\.1:1\/dbname does not answer/);
        assert.doesNotMatch(said.err, /pass@/);
      } else if (words.includes('purge') || words.includes('reset')) {
        // Nobody can be asked here; at a terminal somebody can.
        assert.equal(said.code, 2, said.err);
        const environment = { NANOCENT_DB_FILE: 'books.sqlite' };
        const asked = await nanocent(words, { environment, columns: 80, answer: 'no' });
        assert.equal(asked.code, 0, asked.err);
      } else {
        assert.equal(said.code, 0, `${words.join(' ')}\n${said.err}`);
        assert.notEqual(said.out, '', words.join(' '));
      }
    }
    await checkBooked(file);
  });
}

async function checkBooked(file: string): Promise<void> {
  const { entries } = JSON.parse(await on(file)('tail', '--json'));
  const { model, promptTokens, completionTokens, totalTokens, usd, executionSeconds, caller, username } =
    entries[0];
  assert.deepEqual(
    [model, promptTokens, completionTokens, totalTokens, usd, executionSeconds, caller, username],
    ['gpt-4', 30, 12, 42, '0.0007', 0.25, 'my_script', 'script_user'],
  );
  const dated = entries.find((entry: { at: string }) => entry.at === '2024-01-01T12:00:00.000Z');
  assert.deepEqual([dated.cachedTokens, dated.reasoningTokens, dated.username], [20, 10, 'john_doe']);
}
