import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { run } from '../../src/cli/run.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Setting {
  readonly input?: string | AsyncIterable<Uint8Array>;
  readonly environment?: Terminal['environment'];
  /** Makes all three a terminal of this width. */
  readonly columns?: number;
  /** What the person answers. */
  readonly answer?: string;
}

/** Runs one command line in this process. */
export async function nanocent(args: readonly string[], setting: Setting = {}): Promise<Said> {
  let out = '';
  let err = '';
  const isTerminal = setting.columns !== undefined;
  const code = await run(args, {
    // A data folder without anything in it: what this machine's user keeps there is no part of a test.
    environment: { XDG_DATA_HOME: '/dev/null/none', ...setting.environment },
    input: typeof setting.input === 'string' ? chunks(setting.input) : (setting.input ?? chunks('')),
    inputIsTerminal: isTerminal,
    outputIsTerminal: isTerminal,
    errorIsTerminal: isTerminal,
    columns: setting.columns ?? Number.POSITIVE_INFINITY,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    ask: async (question) => {
      err += question;
      return setting.answer ?? '';
    },
  });
  return { code, out, err };
}

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

/** The name of a ledger in a folder of its own, gone after the test. */
export function ledgerFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'nanocent-cli-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'books.sqlite');
}

/** A command line on one ledger, quiet unless told otherwise; anything but exit 0 is thrown. */
export function on(file: string) {
  return async (...args: readonly string[]): Promise<string> => {
    const said = await nanocent(['--db-file', file, '--quiet', ...args]);
    if (said.code !== 0) throw new Error(`${args.join(' ')}: exit ${said.code}\n${said.err}`);
    return said.out;
  };
}
