import { makerOf } from '../../prices/provider-names.ts';
import type { JsonObject } from '../../usage/format.ts';
import { messageTerms, modelItems } from '../../usage/formats/anthropic.ts';
import { type AgentReader, instantOf, type ReaderContext } from './agent-reader.ts';
import { type ClaudeLine, openClaudeLineReader } from './claude-line.ts';
import { claudeCounts } from './claude-usage.ts';
import { flag, type Row } from './message-table.ts';

/** A name that every usage has and that is rare elsewhere; the longer, the faster it is found. */
const patterns = [Buffer.from('"output_tokens"')];

/**
 * Claude Code writes one line a content block, each with the usage of the whole response so far: the last has the
 * most. Shape and traps: docs/agents.md.
 */
export function openClaudeCode(context: ReaderContext): AgentReader {
  const { table, skipped, lines } = context;
  const describe = openDescriber(context);
  const readLine = openClaudeLineReader();
  return {
    read(file, index) {
      let last: ClaudeLine | null = null;
      let lastRow = 0;
      skipped.tooLong += lines.read(file.path, patterns, (text) => {
        const line = readLine(text);
        if (line === 'broken') skipped.malformed += 1;
        else if (line !== 'other') take(line);
      });

      function take(line: ClaudeLine): void {
        if (line.isError) skipped.apiErrors += 1;
        else if (line.model === '<synthetic>') skipped.synthetic += 1;
        else {
          const rows = describe(line, index);
          if (rows === null) skipped.malformed += 1;
          else if (last !== null && isSameCall(last, line)) {
            skipped.repeated += 1;
            rows.forEach(again);
          } else {
            last = line;
            lastRow = table.count;
            for (const row of rows) table.add(row);
          }
        }
      }

      /** The same response while it streamed: what has more tokens stands, and the first instant. */
      function again(row: Row, item: number): void {
        if (lastRow + item === table.count) table.add(row);
        else table.merge(lastRow + item, row);
      }
    },
  };
}

/** The rows of a line: the response, and other models billed inside it; null for a line that says too little. */
function openDescriber({ table }: ReaderContext): (line: ClaudeLine, file: number) => Row[] | null {
  const numbers = new Map<string, number>();
  const providers = new Map<number, number>();

  return (line, file) => {
    const { usage } = line;
    const at = instantOf(line.timestamp);
    if (Number.isNaN(at) || line.model === '') return null;
    const model = named(line.model);
    const response: Row = {
      at,
      // A line without an id stands for itself.
      id: line.id || line.uuid || `${line.timestamp}${JSON.stringify(usage)}`,
      requestId: line.requestId,
      model,
      provider: providerOf(model),
      session: named(line.session),
      project: named(line.cwd),
      ...namedTerms(usage),
      file,
      flags: flagsOf(line),
      counts: claudeCounts(usage),
    };
    if (usage.iterations === undefined) return [response];
    const items = modelItems(usage, []).map(({ model, usage }, index): Row => {
      const own = model === null ? response.model : named(model);
      const counts = { ...usage, webSearch: 0 };
      return { ...response, item: index + 1, model: own, provider: providerOf(own), counts };
    });
    return [response, ...items];
  };

  /** The number of a text that was read one byte a character. */
  function named(text: string): number {
    let number = numbers.get(text);
    if (number === undefined) {
      number = table.name(text === '' ? null : Buffer.from(text, 'latin1').toString('utf8'));
      numbers.set(text, number);
    }
    return number;
  }

  function providerOf(model: number): number {
    let provider = providers.get(model);
    if (provider === undefined) {
      provider = table.name(makerOf((table.names[model] ?? '').toLowerCase()));
      providers.set(model, provider);
    }
    return provider;
  }

  function namedTerms(usage: JsonObject): { tier: number; region: number } {
    const { service_tier: served, speed, inference_geo: region } = usage;
    if ((served ?? 'standard') === 'standard' && speed !== 'fast' && (region ?? 'global') === 'global') {
      return standardTerms;
    }
    const terms = messageTerms(usage);
    return { tier: table.name(terms.tier ?? null), region: table.name(terms.region ?? null) };
  }
}

const standardTerms = { tier: 0, region: 0 };

function flagsOf({ id, isSidechain, ended }: ClaudeLine): number {
  const anonymous = id === '' ? flag.anonymous | flag.heuristic : 0;
  return (isSidechain ? flag.sidechain : 0) | (ended ? flag.ended : 0) | anonymous;
}

function isSameCall(last: ClaudeLine, line: ClaudeLine): boolean {
  return (
    line.id !== '' &&
    line.id === last.id &&
    line.requestId === last.requestId &&
    line.session === last.session &&
    line.isSidechain === last.isSidechain
  );
}
