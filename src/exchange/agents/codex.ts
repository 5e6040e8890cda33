import { makerOf } from '../../prices/provider-names.ts';
import { objectAt, textAt } from '../../usage/counts.ts';
import type { JsonObject } from '../../usage/format.ts';
import { type AgentReader, instantOf, parseObject, type ReaderContext } from './agent-reader.ts';
import { unknownCounts } from './claude-usage.ts';
import { type CodexCounts, codexCounts, codexDifference, isNothing, isSame } from './codex-counts.ts';
import type { LogFile } from './discover-logs.ts';
import { type Counts, flag } from './message-table.ts';

/** What Codex used when its logs did not yet name the model (before September 2025). */
const modelBefore = 'gpt-5';

const wanted = ['token_count', 'turn_context', 'session_meta', 'turn.completed', 'thread.started'];
const patterns = wanted.map((word) => Buffer.from(`"${word}"`));

/** Codex writes a counter after each call, and says the model before. Shape and traps: docs/agents.md. */
export function openCodex({ table, skipped, lines }: ReaderContext): AgentReader {
  return {
    read(file, index) {
      const session = openSession();
      skipped.tooLong += lines.read(file.path, patterns, (text) => {
        const line = parseObject(Buffer.from(text, 'latin1').toString('utf8'));
        if (line === null) skipped.malformed += 1;
        else take(line);
      });

      function take(line: JsonObject): void {
        const payload = objectAt(line, 'payload');
        if (line.type === 'session_meta') session.begin(payload);
        else if (line.type === 'turn_context') session.turn(payload);
        else if (line.type === 'event_msg' && payload?.type === 'token_count') counter(line, payload);
        else if (line.type === 'thread.started') session.id = textAt(line, 'thread_id') ?? session.id;
        else if (line.type === 'turn.completed') executed(line, file);
      }

      function counter(line: JsonObject, payload: JsonObject): void {
        const info = objectAt(payload, 'info');
        // Only the rate limits have changed.
        if (info === null) return;
        const at = instantOf(line.timestamp);
        const total = codexCounts(objectAt(info, 'total_token_usage'));
        const last = codexCounts(objectAt(info, 'last_token_usage'));
        if (Number.isNaN(at) || (total === null && last === null)) {
          skipped.malformed += 1;
          return;
        }
        if (total !== null && session.total !== null && isSame(total, session.total)) {
          skipped.repeated += 1;
          return;
        }
        const counts = last ?? codexDifference(total!, session.total);
        session.total = total ?? session.total;
        const named = textAt(info, 'model') ?? textAt(payload, 'model');
        add(counts, at, { named, id: null, flags: flag.ended | (last === null ? flag.heuristic : 0) });
      }

      /** `codex exec --json` gives a running total a turn, and no time: the file's own stands for it. */
      function executed(line: JsonObject, { modifiedAt }: LogFile): void {
        const total = codexCounts(objectAt(line, 'usage'));
        if (total === null) {
          skipped.malformed += 1;
          return;
        }
        const counts = codexDifference(total, session.total);
        session.total = total;
        session.turns += 1;
        const id = `${session.id ?? file.path}#${session.turns}`;
        add(counts, modifiedAt, { named: textAt(line, 'model'), id, flags: flag.ended | flag.heuristic });
      }

      function add(
        counts: CodexCounts,
        at: number,
        as: { named: string | null; id: string | null; flags: number },
      ): void {
        if (isNothing(counts)) return;
        const model = as.named ?? session.model;
        const { input, cached, output, reasoning, total } = counts;
        table.add({
          at,
          // Copies in forked sessions are known by nothing but their instant and their counts.
          id: as.id ?? [at, model ?? '', input, cached, output, reasoning, total].join('|'),
          model: table.name(model ?? modelBefore),
          provider: table.name(session.provider ?? makerOf(model ?? modelBefore)),
          session: table.name(session.id),
          project: table.name(session.cwd),
          file: index,
          flags: flag.anonymous | as.flags | (model === null ? flag.modelAssumed | flag.heuristic : 0),
          counts: usageOf(counts),
        });
      }
    },
  };
}

interface Session {
  id: string | null;
  cwd: string | null;
  provider: string | null;
  model: string | null;
  total: CodexCounts | null;
  turns: number;
  begin(payload: JsonObject | null): void;
  turn(payload: JsonObject | null): void;
}

function openSession(): Session {
  return {
    id: null,
    cwd: null,
    provider: null,
    model: null,
    total: null,
    turns: 0,
    /** The first is this session's; a forked one goes on with its parent's. */
    begin(payload) {
      this.id ??= textAt(payload, 'id');
      this.cwd ??= textAt(payload, 'cwd');
      this.provider ??= textAt(payload, 'model_provider');
    },
    turn(payload) {
      this.model = textAt(payload, 'model') ?? this.model;
      this.cwd = textAt(payload, 'cwd') ?? this.cwd;
    },
  };
}

/** Input includes what came from the cache, output includes reasoning. More cached than input is no count at all. */
function usageOf({ input, cached, output, reasoning }: CodexCounts): Counts {
  if (cached > input || reasoning > output) return unknownCounts;
  return {
    input: input - cached,
    cacheRead: cached,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    cacheWrite: 0,
    output,
    reasoning,
    webSearch: 0,
  };
}
