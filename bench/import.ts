/** Importing 100,000 messages of Claude Code into a new SQLite ledger, again, and again without marks; and the memory it takes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBooks } from '../src/books/open-books.ts';
import { discoverLogs, readAgentLogs } from '../src/exchange/agents/index.ts';
import { agentsSource, ImportMarks, importCalls } from '../src/exchange/index.ts';
import { machineLine, rate, say, table, temporaryFolder } from './support.ts';

const rows = Number(process.env.ROWS ?? 100_000);
const sessionRows = 500;
const thread = process.env.THREAD === '1';
const folder = temporaryFolder();
writeLogs();
const books = await openBooks({ store: join(folder, 'import.sqlite'), thread });
const marksFile = join(folder, 'marks.json');
let peakBytes = 0;
const watch = setInterval(notePeak, 20);
watch.unref();

say(machineLine());
say(
  `${rows} messages in ${Math.ceil(rows / sessionRows)} sessions, ledger ${thread ? 'in a thread of its own' : 'inline'}`,
);
const results = [
  await run('book all', true, true),
  await run('again, files unchanged', true, false),
  await run('again, every file read', false, false),
  await run('dry run', false, false, true),
];
say(table(['', 'seconds', 'messages/s', 'processor s', 'booked', 'peak MB'], results));
const { balanced } = await books.verify();
say(balanced ? 'verify: balanced' : 'verify: NOT BALANCED');
await books.close();

async function run(name: string, marked: boolean, first: boolean, dryRun = false): Promise<string[]> {
  peakBytes = 0;
  const started = performance.now();
  const used = process.cpuUsage();
  const marks = marked ? await ImportMarks.open(marksFile, books.reads) : null;
  const found = discoverLogs({ environment: {}, home: folder, agents: ['claude-code'] });
  const logs = await readAgentLogs(found);
  const source = agentsSource({ found, logs, now: Date.now() }, marks);
  const summary = await importCalls(books.context, source, {
    dryRun,
    onProgress: notePeak,
    onMarks: (all) => {
      for (const [path, mark] of all) marks?.set(path, mark);
    },
  });
  await marks?.save();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(used);
  const expected = first ? rows : 0;
  if (summary.booked !== expected) throw new Error(`${name}: ${summary.booked} booked, ${expected} expected`);
  // Processor time beside the wall clock: the steadier figure where others use the machine too.
  const processor = ((user + system) / 1e6).toFixed(2);
  const peak = String(Math.round(peakBytes / 1e6));
  return [name, seconds.toFixed(2), rate(rows / seconds), processor, String(summary.booked), peak];
}

function notePeak(): void {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
}

/** One line a message, as Claude Code writes them. */
function writeLogs(): void {
  const project = join(folder, '.claude', 'projects', '-repo');
  mkdirSync(project, { recursive: true });
  for (let first = 0; first < rows; first += sessionRows) {
    const session = `session-${first}`;
    const lines = Array.from({ length: Math.min(sessionRows, rows - first) }, (_, index) =>
      line(first + index, session),
    );
    writeFileSync(join(project, `${session}.jsonl`), lines.join(''));
  }
}

function line(number: number, sessionId: string): string {
  const usage = {
    input_tokens: 10 + (number % 50),
    output_tokens: 100 + (number % 900),
    cache_creation_input_tokens: number % 3 === 0 ? 1_000 : 0,
    cache_read_input_tokens: 20_000 + number,
  };
  const message = {
    id: `msg_01${number.toString(36).padStart(22, '0')}`,
    role: 'assistant',
    model: number % 4 === 0 ? 'claude-opus-4-5-20251101' : 'claude-sonnet-4-5-20250929',
    stop_reason: 'end_turn',
    content: [{ type: 'text', text: 'x'.repeat(600) }],
    usage,
  };
  const timestamp = new Date(Date.UTC(2026, 9, 1) + number * 20_000).toISOString();
  const rest = {
    sessionId,
    requestId: `req_${number}`,
    uuid: String(number),
    cwd: '/repo',
    type: 'assistant',
    version: '2',
  };
  return `${JSON.stringify({ timestamp, ...rest, message })}\n`;
}
