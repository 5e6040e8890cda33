/**
 * Holds the readers against a folder of recorded provider responses with their right counts in `index.json`:
 *
 *   node scripts/check-recorded.ts [FOLDER]
 *
 * The folder is no part of the project; without it the script says so and ends well. Every response is read three times:
 * with nothing known about it, with the provider and API its index names, and by `nanocent read --json`, which also says
 * what it cost or why that is not known.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { run } from '../src/cli/run.ts';
import { readResponse } from '../src/usage/read-response.ts';
import type { Reading } from '../src/usage/reading.ts';
import type { Usage } from '../src/usage/usage.ts';

interface Recorded {
  readonly file: string;
  readonly provider: string;
  readonly api: string;
  readonly model: string | null;
  readonly expected: Counts;
  readonly extra_line_items?: readonly (Counts & { readonly model: string })[];
  readonly provider_billed_nanocents?: string;
}

type Counts = Readonly<Record<string, number | string | null>>;

async function report(root: string): Promise<void> {
  const index: readonly Recorded[] = JSON.parse(readFileSync(join(root, 'index.json'), 'utf8'));
  const width = Math.max(...index.map((recorded) => recorded.file.length));
  let wrong = 0;
  for (const recorded of index) {
    const body = readFileSync(join(root, recorded.file));
    const { reading, cost } = await commandLine(recorded, join(root, recorded.file));
    const differences = [
      ...attempt(recorded, 'found out', () => readResponse(body)),
      ...attempt(recorded, 'named', () => readResponse(body, named(recorded))),
      ...attempt(recorded, 'command line', reading),
    ];
    wrong += differences.length === 0 ? 0 : 1;
    process.stdout.write(`${recorded.file.padEnd(width)}  ${differences.join('; ') || 'exact'}  ${cost}\n`);
  }
  process.stdout.write(`\n${index.length - wrong} of ${index.length} recorded responses are read exactly.\n`);
  process.exitCode = wrong === 0 ? 0 : 1;
}

/** The index adds remarks in brackets. */
function named(recorded: Recorded): { provider: string; api: string } {
  const plain = (name: string) => name.replace(/\s*\(.*$/, '').replace(/^openai-compatible /, '');
  return { provider: plain(recorded.provider), api: plain(recorded.api) };
}

/** The document of `nanocent read`, as a reading; where the model is part of the address only, it is named. */
async function commandLine(recorded: Recorded, file: string) {
  const model = /^(\S+) \(from URL\)$/.exec(recorded.model ?? '')?.[1];
  let out = '';
  let said = '';
  const code = await run(['read', file, '--json', ...(model === undefined ? [] : ['--model', model])], {
    environment: {},
    input: Readable.from([]),
    inputIsTerminal: false,
    outputIsTerminal: false,
    errorIsTerminal: false,
    columns: Number.POSITIVE_INFINITY,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      said += text;
    },
    ask: async () => '',
  });
  const document = code === 0 ? JSON.parse(out) : null;
  const cost = document?.charge ? `$${document.charge.usd}` : `unpriced: ${document?.unpriced}`;
  const reading = (): Reading => {
    if (document === null) throw new Error(said.trim());
    const billed = document.costSource === 'provider' ? BigInt(document.charge.nanocents) : null;
    return { ...document, billedNanocents: billed };
  };
  return { reading, cost };
}

function attempt(recorded: Recorded, how: string, read: () => Reading): readonly string[] {
  try {
    return differencesOf(recorded, read()).map((difference) => `${how}: ${difference}`);
  } catch (error) {
    // What one response does wrong is a line of the report, not the end of it.
    return [`${how}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

function differencesOf(recorded: Recorded, reading: Reading): readonly string[] {
  const differences = countDifferences(recorded.expected, reading.usage, '');
  const expectedItems = recorded.extra_line_items ?? [];
  for (const [position, expected] of expectedItems.entries()) {
    const item = reading.items[position];
    differences.push(...same(`items[${position}].model`, item?.model, expected.model));
    if (item !== undefined)
      differences.push(...countDifferences(expected, item.usage, `items[${position}].`));
  }
  const billed = recorded.provider_billed_nanocents ?? null;
  differences.push(...same('billed', reading.billedNanocents?.toString() ?? null, billed));
  const inBody = recorded.model !== null && !recorded.model.includes('(');
  if (inBody) differences.push(...same('model', reading.model, recorded.model));
  return differences;
}

/** Names in the index → ours. */
const kinds: Readonly<Record<string, (usage: Usage) => number | null | undefined>> = {
  uncached_input: (usage) => usage.input,
  cache_read: (usage) => usage.cacheRead,
  cache_write_5m: (usage) => usage.cacheWrite5m,
  cache_write_1h: (usage) => usage.cacheWrite1h,
  cache_write_unspecified_ttl: (usage) => usage.cacheWrite,
  output: (usage) => usage.output,
  reasoning: (usage) => usage.reasoning,
  tool_use_prompt: (usage) => usage.toolUseInput,
  output_image: (usage) => usage.outputImage,
  web_search_requests: (usage) => usage.units.webSearch,
  seconds: (usage) => usage.units.audioSecond,
  audio_seconds: (usage) => usage.units.audioSecond,
};

/** Remarks beside the counts. */
const remarks = ['unit', 'model', 'why'];

function countDifferences(expected: Counts, usage: Usage, prefix: string): string[] {
  const tokens = 'uncached_input' in expected && 'cache_read' in expected;
  const wanted = tokens ? { cache_write_unspecified_ttl: 0, ...expected } : expected;
  return Object.entries(wanted).flatMap(([name, value]) => {
    if (remarks.includes(name)) return [];
    const kind = kinds[name];
    return kind === undefined
      ? [`${prefix}${name} is not known here`]
      : same(prefix + name, kind(usage), value);
  });
}

function same(what: string, actual: unknown, expected: unknown): string[] {
  return actual === expected ? [] : [`${what} is ${actual}, expected ${expected}`];
}

const folder = resolve(process.argv[2] ?? join(import.meta.dirname, '../../shared/fixtures/recorded'));
if (existsSync(join(folder, 'index.json'))) await report(folder);
else process.stdout.write(`Recorded responses: not found at ${folder}; nothing checked.\n`);
