import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listAt, objectAt, textAt } from '../../usage/counts.ts';
import type { JsonObject } from '../../usage/format.ts';
import { type AgentReader, instantOf, parseObject, type ReaderContext } from './agent-reader.ts';
import { unknownCounts } from './claude-usage.ts';
import { type Counts, callCountMax, flag } from './message-table.ts';

/** A chat is one JSON document; above this it is passed over (64 MiB). */
const documentBytesMax = 64 * 1024 * 1024;
const patterns = ['"tokens"', '"sessionId"'].map((word) => Buffer.from(word));

/** Gemini CLI keeps a chat as one document, newer versions as a line a message. Shape and traps: docs/agents.md. */
export function openGeminiCli({ table, skipped, lines }: ReaderContext): AgentReader {
  return {
    read(file, index) {
      const project = projectOf(file.path);
      let session: string | null = null;
      if (file.path.endsWith('l')) {
        skipped.tooLong += lines.read(file.path, patterns, (text) => {
          take(parseObject(Buffer.from(text, 'latin1').toString('utf8')));
        });
      } else if (file.bytes > documentBytesMax) skipped.tooLong += 1;
      else take(parseObject(readFileSync(file.path, 'utf8')));

      function take(record: JsonObject | null): void {
        if (record === null) {
          skipped.malformed += 1;
          return;
        }
        session = textAt(record, 'sessionId') ?? session;
        for (const message of [record, ...listAt(record, 'messages')]) {
          if (message.type === 'gemini' && objectAt(message, 'tokens') !== null) add(message);
        }
      }

      function add(message: JsonObject): void {
        const at = instantOf(message.timestamp);
        const model = textAt(message, 'model');
        if (Number.isNaN(at) || model === null) {
          skipped.malformed += 1;
          return;
        }
        const tokens = objectAt(message, 'tokens')!;
        const id = textAt(message, 'id');
        table.add({
          at,
          id: id ?? `${session}|${at}|${JSON.stringify(tokens)}`,
          model: table.name(model),
          provider: table.name('google'),
          session: table.name(session),
          project: table.name(project),
          file: index,
          flags: flag.ended | (id === null ? flag.heuristic | flag.anonymous : 0),
          counts: geminiCounts(tokens),
        });
      }
    },
  };
}

/**
 * Input includes what came from the cache and leaves out what tools put into the prompt; output leaves out thinking, except on
 * older servers: so where there is a total, output is what the total leaves.
 */
export function geminiCounts(tokens: JsonObject): Counts {
  const [input, output, cached, thoughts, tool, total] = [
    'input',
    'output',
    'cached',
    'thoughts',
    'tool',
    'total',
  ].map((name) => countOf(tokens[name])) as [Count, Count, Count, Count, Count, Count];
  if (input === null || output === null) return unknownCounts;
  if ([input, output, cached, thoughts, tool, total].includes(-1) || (cached ?? 0) > input)
    return unknownCounts;
  const prompt = input + (tool ?? 0);
  const said = output + (thoughts ?? 0);
  const produced = total !== null && total > 0 ? total - prompt : said;
  // Between the two readings of "output" lies the thinking; anything else is a contradiction.
  if (produced < output || produced > said) return unknownCounts;
  return {
    input: prompt - (cached ?? 0),
    cacheRead: cached ?? 0,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    cacheWrite: 0,
    output: produced,
    reasoning: thoughts,
    webSearch: 0,
  };
}

/** null is "not said", −1 "no count". */
type Count = number | null;

function countOf(value: unknown): Count {
  if (value === undefined || value === null) return null;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= callCountMax
    ? value
    : -1;
}

/** Beside the chats lies a file with the project's folder; older versions left only a hash of it. */
function projectOf(path: string): string | null {
  try {
    return readFileSync(join(dirname(dirname(path)), '.project_root'), 'utf8').trim() || null;
  } catch {
    // An older version.
    return null;
  }
}
