import { DatabaseSync } from 'node:sqlite';
import { runGuarded } from './select-guard.ts';
import type { SelectAnswer, SelectRequest } from './select-wire.ts';

/**
 * One query in a process of its own, because a running SQLite query cannot be stopped from inside: the parent kills
 * this process when time is up. Reads a request from standard input, writes one empty line when it is about to run
 * the query, then the answer.
 */
async function main(): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const request: SelectRequest = JSON.parse(Buffer.concat(chunks).toString());
  process.stdout.write('\n');
  process.stdout.write(JSON.stringify(answer(request)));
}

function answer(request: SelectRequest): SelectAnswer {
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(request.file, {
      readOnly: true,
      // Blocking is fine here: nothing else runs in this process.
      timeout: 1000,
      enableForeignKeyConstraints: false,
      enableDoubleQuotedStringLiterals: false,
      allowExtension: false,
      defensive: true,
    });
    return runGuarded(database, request.sql, request.rowsMax);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { errcode } = error as { errcode?: unknown };
    return { failed: { errcode: typeof errcode === 'number' ? errcode : 0, message: error.message } };
  } finally {
    database?.close();
  }
}

await main();
