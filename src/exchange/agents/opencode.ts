import { readFileSync } from 'node:fs';
import { NanocentError } from '../../errors/error.ts';
import { objectAt, textAt } from '../../usage/counts.ts';
import type { JsonObject } from '../../usage/format.ts';
import { openForeignSqlite } from '../foreign-sqlite.ts';
import { type AgentReader, instantOf, parseObject, type ReaderContext } from './agent-reader.ts';
import { unknownCounts } from './claude-usage.ts';
import { type Counts, callCountMax, flag } from './message-table.ts';

/** A message is one small JSON document; above this it is passed over (4 MiB). */
const documentBytesMax = 4 * 1024 * 1024;

/**
 * OpenCode keeps each message in a file of its own, newer versions all of them in a database, into which they take over the files
 * and leave them where they are: the same message is then known as a copy. Shape and traps: docs/agents.md.
 */
export function openOpenCode({ table, skipped }: ReaderContext): AgentReader {
  return {
    read(file, index) {
      if (file.path.endsWith('.db')) readDatabase(file.path, (message) => take(message, index));
      else if (file.bytes > documentBytesMax) skipped.tooLong += 1;
      else take(parseObject(readFileSync(file.path, 'utf8')), index);
    },
  };

  function take(message: JsonObject | null, index: number): void {
    if (message !== null && message.role !== 'assistant') return;
    const tokens = objectAt(message, 'tokens');
    const at = instantOf(objectAt(message, 'time')?.created);
    const model = textAt(message, 'modelID');
    if (message === null || tokens === null || model === null || Number.isNaN(at)) {
      skipped.malformed += 1;
      return;
    }
    const { counts, isInferred } = openCodeCounts(tokens, textAt(message, 'providerID'));
    const all = [counts.input, counts.cacheRead, counts.cacheWrite, counts.output];
    if (objectAt(message, 'error') !== null && all.every((count) => count === 0)) {
      skipped.apiErrors += 1;
      return;
    }
    const completed = objectAt(message, 'time')?.completed;
    table.add({
      at,
      // A forked session gives its copies new ids and leaves their times and counts.
      id: [at, String(completed), model, ...all].join('|'),
      requestId: Buffer.from(textAt(message, 'id') ?? '').toString('latin1'),
      model: table.name(model),
      provider: table.name(textAt(message, 'providerID')),
      session: table.name(textAt(message, 'sessionID')),
      project: table.name(textAt(message, 'path.cwd') ?? textAt(message, 'path.root')),
      file: index,
      flags: (typeof completed === 'number' ? flag.ended : 0) | (isInferred ? flag.heuristic : 0),
      counts,
    });
  }
}

/** Rows read at a time. */
const pageRows = 500;

/** Each message as its file had it: ids stand beside it. Throws body_malformed for a database of another shape. */
function readDatabase(path: string, take: (message: JsonObject | null) => void): void {
  const database = openForeignSqlite(path);
  try {
    const columns = database.tables.get('message');
    if (!['id', 'session_id', 'data'].every((column) => columns?.has(column))) {
      throw new NanocentError('body_malformed', `${path} has no table of messages that is known`);
    }
    const sql = `SELECT id, session_id, data FROM message WHERE id > ? ORDER BY id LIMIT ${pageRows}`;
    for (let after = ''; ; ) {
      const rows = database.rows(sql, after);
      for (const { id, session_id: sessionID, data } of rows) {
        const message = parseObject(String(data));
        take(message && { ...message, id: String(id), sessionID: String(sessionID) });
      }
      const last = rows.at(-1);
      if (last === undefined) return;
      after = String(last.id);
    }
  } finally {
    database.close();
  }
}

/**
 * Input leaves out the cache. Whether output includes reasoning depends on the provider's SDK: the total tells where there
 * is one; without it, Google's leaves it out and the others include it, which is an inference wherever there is any.
 */
export function openCodeCounts(
  tokens: JsonObject,
  provider: string | null,
): { readonly counts: Counts; readonly isInferred: boolean } {
  const cache = objectAt(tokens, 'cache');
  const input = countOf(tokens.input);
  const output = countOf(tokens.output);
  const reasoning = countOf(tokens.reasoning ?? 0);
  const read = countOf(cache?.read ?? 0);
  const write = countOf(cache?.write ?? 0);
  const total = tokens.total === undefined || tokens.total === null ? null : countOf(tokens.total);
  if ([input, output, reasoning, read, write, total].some(Number.isNaN)) {
    return { counts: unknownCounts, isInferred: false };
  }
  const included = input + read + write + output;
  const separate = included + reasoning;
  const isSeparate =
    total === null
      ? /^google/.test(provider ?? '') || reasoning > output
      : total === separate && reasoning > 0;
  const contradicts = total !== null && total !== included && total !== separate;
  if (contradicts || (!isSeparate && reasoning > output)) return { counts: unknownCounts, isInferred: false };
  const counts = {
    input,
    cacheRead: read,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    cacheWrite: write,
    output: isSeparate ? output + reasoning : output,
    reasoning,
    webSearch: 0,
  };
  return { counts, isInferred: total === null && reasoning > 0 };
}

function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= callCountMax
    ? value
    : Number.NaN;
}
