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
export function openCodex(context: ReaderContext): AgentReader {
  const { skipped, lines } = context;
  return {
    read(file, index) {
      const session = new CodexSession(context, file, index);
      skipped.tooLong += lines.read(file.path, patterns, (text) => {
        const line = parseObject(Buffer.from(text, 'latin1').toString('utf8'));
        if (line === null || !session.take(line)) skipped.malformed += 1;
      });
    },
  };
}

/** One file: what its lines so far say of the next one. */
class CodexSession {
  readonly #context: ReaderContext;
  readonly #file: LogFile;
  readonly #index: number;
  #id: string | null = null;
  #cwd: string | null = null;
  #provider: string | null = null;
  #model: string | null = null;
  #total: CodexCounts | null = null;
  #turns = 0;

  constructor(context: ReaderContext, file: LogFile, index: number) {
    this.#context = context;
    this.#file = file;
    this.#index = index;
  }

  /** False for a line that says too little. */
  take(line: JsonObject): boolean {
    const payload = objectAt(line, 'payload');
    if (line.type === 'session_meta') {
      // The first is this session's; a forked one goes on with its parent's.
      this.#id ??= textAt(payload, 'id');
      this.#cwd ??= textAt(payload, 'cwd');
      this.#provider ??= textAt(payload, 'model_provider');
    } else if (line.type === 'turn_context') {
      this.#model = textAt(payload, 'model') ?? this.#model;
      this.#cwd = textAt(payload, 'cwd') ?? this.#cwd;
    } else if (line.type === 'thread.started') this.#id = textAt(line, 'thread_id') ?? this.#id;
    else if (line.type === 'turn.completed') return this.#executed(line);
    else if (line.type === 'event_msg' && payload?.type === 'token_count')
      return this.#counter(line, payload);
    return true;
  }

  #counter(line: JsonObject, payload: JsonObject): boolean {
    const info = objectAt(payload, 'info');
    // Only the rate limits have changed.
    if (info === null) return true;
    const at = instantOf(line.timestamp);
    const total = codexCounts(objectAt(info, 'total_token_usage'));
    const last = codexCounts(objectAt(info, 'last_token_usage'));
    if (Number.isNaN(at) || (total === null && last === null)) return false;
    if (total !== null && this.#total !== null && isSame(total, this.#total)) {
      this.#context.skipped.repeated += 1;
      return true;
    }
    const counts = last ?? codexDifference(total!, this.#total);
    this.#total = total ?? this.#total;
    this.#model = textAt(info, 'model') ?? textAt(payload, 'model') ?? this.#model;
    this.#add(counts, at, { id: null, flags: flag.ended | (last === null ? flag.heuristic : 0) });
    return true;
  }

  /** `codex exec --json` gives a running total a turn, and no time: the file's own stands for it. */
  #executed(line: JsonObject): boolean {
    const total = codexCounts(objectAt(line, 'usage'));
    if (total === null) return false;
    const counts = codexDifference(total, this.#total);
    this.#total = total;
    this.#turns += 1;
    const id = `${this.#id ?? this.#file.path}#${this.#turns}`;
    this.#add(counts, this.#file.modifiedAt, { id, flags: flag.ended | flag.heuristic });
    return true;
  }

  #add(counts: CodexCounts, at: number, as: { readonly id: string | null; readonly flags: number }): void {
    if (isNothing(counts)) return;
    const { table } = this.#context;
    const { input, cached, output, reasoning, total } = counts;
    const model = this.#model ?? modelBefore;
    table.add({
      at,
      // Copies in forked sessions are known by nothing but their instant and their counts.
      id: as.id ?? [at, model, input, cached, output, reasoning, total].join('|'),
      model: table.name(model),
      provider: table.name(this.#provider ?? makerOf(model)),
      session: table.name(this.#id),
      project: table.name(this.#cwd),
      file: this.#index,
      flags: flag.anonymous | as.flags | (this.#model === null ? flag.modelAssumed | flag.heuristic : 0),
      counts: usageOf(counts),
    });
  }
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
