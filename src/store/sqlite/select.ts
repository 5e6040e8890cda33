import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { NanocentError } from '../../errors/error.ts';
import type { Rows } from '../port.ts';
import { storeFailure } from './failure.ts';
import { fromWire, type SelectAnswer, type SelectRequest } from './select-wire.ts';

/** From starting the process to its first sign of life. */
const startMsMax = 10_000;

/**
 * A read-only query over the public views, in a process that is killed after `timeMs` of running: SQLite gives no
 * other way to stop a query. Costs 50–100 ms to start. Throws query_forbidden, query_invalid.
 */
export async function select(
  file: string,
  sql: string,
  bounds: { readonly rowsMax: number; readonly timeMs: number },
): Promise<Rows> {
  const output = await runChild({ file, sql, rowsMax: bounds.rowsMax }, bounds.timeMs);
  const answer: SelectAnswer = JSON.parse(output);
  if ('forbidden' in answer) {
    throw new NanocentError('query_forbidden', `This query ${answer.forbidden}.`, {
      fix: 'Write one SELECT over the public tables, such as accounting_entries.',
    });
  }
  if ('failed' in answer) throw failure(answer.failed, file);
  const rows = answer.rows.map((row) => row.map(fromWire));
  return { columns: answer.columns, rows, truncated: answer.truncated };
}

/** SQLITE_ERROR, TOOBIG, MISMATCH, RANGE and node's own refusals are about the query, the rest about the file. */
const queryCodes: readonly number[] = [0, 1, 18, 20, 25];

function failure({ errcode, message }: { errcode: number; message: string }, file: string): unknown {
  if (!queryCodes.includes(errcode & 0xff)) {
    return storeFailure(Object.assign(new Error(message), { code: 'ERR_SQLITE_ERROR', errcode }), file);
  }
  return new NanocentError('query_invalid', `SQLite cannot run this query: ${message.replace(/\.$/, '')}.`, {
    fix: 'Correct the query; `SELECT * FROM accounting_entries LIMIT 1` shows the columns there are.',
  });
}

function runChild(request: SelectRequest, timeMs: number): Promise<string> {
  const program = fileURLToPath(new URL(`./select-child${extensionOf(import.meta.url)}`, import.meta.url));
  const child = spawn(process.execPath, ['--max-old-space-size=256', program], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return new Promise((resolve, reject) => {
    const output: Buffer[] = [];
    const complaints: Buffer[] = [];
    let timedOut = false;
    const kill = () => {
      timedOut = true;
      child.kill('SIGKILL');
    };
    let timer = setTimeout(kill, startMsMax);
    child.stdout.once('data', () => {
      clearTimeout(timer);
      timer = setTimeout(kill, timeMs);
    });
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (status) => {
      clearTimeout(timer);
      if (timedOut) reject(tooSlow(timeMs));
      else if (status === 0) resolve(Buffer.concat(output).toString());
      else reject(crashed(status, Buffer.concat(complaints).toString()));
    });
    // A child that died before it read its request says so through its exit status.
    child.stdin.on('error', () => {});
    child.stdin.end(JSON.stringify(request));
  });
}

function tooSlow(timeMs: number): NanocentError {
  return new NanocentError('query_invalid', `The query ran longer than ${timeMs} ms and was stopped.`, {
    fix: 'Narrow it: a shorter period, fewer columns, a LIMIT.',
    data: { timeMs },
  });
}

function crashed(status: number | null, complaint: string): NanocentError {
  return new NanocentError('query_invalid', `The query's process ended with status ${status}.`, {
    fix: 'Narrow it: it may have needed more memory than one query gets.',
    cause: new Error(complaint.slice(0, 2000)),
  });
}

/** `.ts` in a checkout, `.js` when built. */
function extensionOf(url: string): string {
  return url.slice(url.lastIndexOf('.'));
}
