import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Books } from '../../books/books.ts';
import { locateConfigured } from '../../books/configured-options.ts';
import { moneyDocument } from '../../books/documents.ts';
import { openBooks } from '../../books/open-books.ts';
import { dataFolder } from '../../books/store-location.ts';
import { NanocentError } from '../../errors/error.ts';
import { nearest } from '../../errors/nearest.ts';
import {
  type ColumnMap,
  csvSource,
  type ImportMarks,
  type ImportSource,
  type ImportSummary,
  importCalls,
  litellmSource,
  llmAccountingSource,
  llmSource,
  ImportMarks as Marks,
  parseColumnMap,
} from '../../exchange/index.ts';
import { formatUsdRounded } from '../../money/index.ts';
import { assertZone, formatInstant, formatInZone } from '../../time/index.ts';
import type { Arguments } from '../arguments.ts';
import { openConfig } from '../open-config.ts';
import { ledgerName } from '../open-ledger.ts';
import type { OpenedImport } from '../opened-import.ts';
import { pricesFrom } from '../prices.ts';
import { openProgress } from '../progress.ts';
import { progressBar } from '../progress-bar.ts';
import type { Shell } from '../shell.ts';
import { counted, grouped, visible } from '../text.ts';

type Facts = OpenedImport['facts'];

const agentWords = ['agents', 'claude', 'codex', 'gemini', 'opencode'];
const fileWords = ['llm', 'llm-accounting', 'litellm', 'csv'];

export async function run(shell: Shell): Promise<undefined> {
  const [source = '', file] = shell.arguments.operands;
  checkSource(source, file);
  const isDryRun = shell.arguments.has('dry-run');
  const books = isDryRun ? await booksToLookAt(shell) : await shell.books();
  const marks = shell.arguments.has('again') ? null : await openMarks(shell, books);
  const opened = await openSource(shell, books, source, file, marks);
  if (opened === null) return;
  const summary = await importAll(shell, opened, isDryRun ? null : marks);
  await shell.report({
    json: () => summaryDocument(opened.facts, summary, isDryRun),
    csv: () => summaryCsv(opened.facts, summary),
    text: () => summaryText(shell, opened.facts, summary, { isDryRun, zone: books.context.zone }),
  });
}

function checkSource(source: string, file: string | undefined): void {
  if (![...agentWords, ...fileWords].includes(source)) {
    const near = nearest(source, [...agentWords, ...fileWords]);
    throw new NanocentError('field_invalid', `there is no source ${visible(source)}`, {
      field: 'SOURCE',
      fix: near ? `did you mean ${near}?` : `use one of ${[...agentWords, ...fileWords].join(', ')}`,
    });
  }
  if (fileWords.includes(source) && file === undefined) {
    throw new NanocentError('field_missing', `import ${source} needs a file`, {
      field: 'FILE',
      fix: `write nanocent import ${source} ${source === 'llm-accounting' ? 'FILE, or a postgres:// URL' : 'FILE'}`,
    });
  }
  if (agentWords.includes(source) && file !== undefined) {
    throw new NanocentError('field_invalid', `import ${source} finds its logs itself and takes no file`, {
      field: 'FILE',
      fix: 'set CLAUDE_CONFIG_DIR or CODEX_HOME where they lie elsewhere',
    });
  }
}

/** A trial leaves no new ledger behind. */
async function booksToLookAt(shell: Shell): Promise<Books> {
  const { environment } = shell.terminal;
  const location = locateConfigured(
    ledgerName(shell.arguments, environment),
    await openConfig(shell),
    environment,
  );
  const isNew = location.engine === 'sqlite' && !existsSync(location.file);
  return isNew ? openBooks({ ...pricesFrom(shell.arguments), store: 'memory', environment }) : shell.books();
}

/** Beside other data of this user, one file for each ledger: it may be lost at any time. */
async function openMarks(shell: Shell, books: Books): Promise<ImportMarks> {
  const { ledgerId } = await books.reads.facts();
  const folder = join(dataFolder(shell.terminal.environment), 'nanocent', 'imports');
  return Marks.open(join(folder, `${ledgerId}.json`), books.reads);
}

/** Null where there is nothing to import, which has been said. */
async function openSource(
  shell: Shell,
  books: Books,
  source: string,
  file: string | undefined,
  marks: ImportMarks | null,
): Promise<OpenedImport | null> {
  const { arguments: given } = shell;
  const zone = zoneFrom(given) ?? books.context.zone;
  const reprice = given.has('reprice');
  const mapText = given.text('map');
  if (mapText !== undefined && source !== 'csv') {
    throw new NanocentError('field_invalid', `--map is for CSV files, not for ${source}`, {
      field: '--map',
      fix: 'leave it out',
    });
  }
  if (agentWords.includes(source)) {
    const { openAgents } = await import('../import-agents.ts');
    return openAgents(shell, books, { source, marks, home: shell.terminal.environment.HOME || homedir() });
  }
  const map = mapText === undefined ? null : parseColumnMap(mapText, nearest);
  const facts = await openFile({ source, file: file!, zone, reprice, map, marks });
  return { facts, run: (options) => importCalls(books.context, facts, options) };
}

interface FileSource {
  readonly source: string;
  readonly file: string;
  readonly zone: string;
  readonly reprice: boolean;
  readonly map: ColumnMap | null;
  readonly marks: ImportMarks | null;
}

async function openFile({ source, file, zone, reprice, map, marks }: FileSource): Promise<ImportSource> {
  switch (source) {
    case 'llm':
      return llmSource(file, marks);
    case 'llm-accounting':
      return llmAccountingSource(file, { zone, reprice }, marks);
    case 'litellm':
      return litellmSource(file, { reprice }, marks);
    default:
      return csvSource(file, { map, nearest, zone, reprice }, marks);
  }
}

function zoneFrom(given: Arguments): string | undefined {
  const zone = given.text('zone');
  if (zone !== undefined) assertZone(zone);
  return zone;
}

/** What is booked when it ends early stays booked, and is said before the reason. */
async function importAll(
  shell: Shell,
  opened: OpenedImport,
  marks: ImportMarks | null,
): Promise<ImportSummary> {
  const progress = openProgress(shell);
  let latest: ImportSummary | null = null;
  try {
    return await opened.run({
      dryRun: shell.arguments.has('dry-run'),
      defaults: defaultsFrom(shell.arguments),
      onProgress: (summary, done, total) => {
        latest = summary;
        progress.at(() => {
          const words = `${counted(summary.read, 'call')} read, ${grouped(summary.booked)} booked`;
          return progressBar({ done, total, words, width: shell.terminal.columns });
        });
      },
      onMarks: (found) => {
        for (const [name, mark] of found) marks?.set(name, mark);
      },
    });
  } catch (error) {
    progress.end();
    const booked = (latest as ImportSummary | null)?.booked ?? 0;
    if (booked > 0)
      shell.note(`${counted(booked, 'call')} booked before it stopped; the next import goes on there`);
    throw error;
  } finally {
    progress.end();
    await saveMarks(shell, marks);
  }
}

/** Without them the next import looks at everything again: slower, and nothing else. */
async function saveMarks(shell: Shell, marks: ImportMarks | null): Promise<void> {
  try {
    await marks?.save();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    shell.note(shell.noteStyle.dim(`how far this import came could not be kept: ${visible(reason)}`));
  }
}

function defaultsFrom(given: Arguments) {
  return {
    provider: given.text('provider'),
    username: given.text('username'),
    caller: given.text('caller-name'),
    project: given.text('project'),
    purpose: given.text('purpose'),
  };
}

function summaryDocument(source: Facts, summary: ImportSummary, isDryRun: boolean): object {
  const { from, to, bad, notes, nanocents, ...counts } = summary;
  return {
    schema: 'nanocent.import/1',
    source: source.name,
    places: source.places,
    dryRun: isDryRun,
    ...counts,
    ...moneyDocument(nanocents),
    period: from === null || to === null ? null : { first: formatInstant(from), last: formatInstant(to) },
    passedOver: source.passedOver,
    notes: Object.fromEntries(notes.map(({ name, count }) => [name, count])),
    problems: bad,
  };
}

function summaryCsv(source: Facts, summary: ImportSummary) {
  const { from, to, bad, notes, nanocents, ...counts } = summary;
  const money = moneyDocument(nanocents);
  return {
    columns: ['source', ...Object.keys(counts), ...Object.keys(money)],
    rows: [[source.name, ...Object.values(counts), ...Object.values(money)]],
  };
}

function summaryText(
  shell: Shell,
  source: Facts,
  summary: ImportSummary,
  { isDryRun, zone }: { isDryRun: boolean; zone: string },
): string {
  const { style } = shell;
  const { from, to } = summary;
  const verb = isDryRun ? 'would be booked' : 'booked';
  const period =
    from === null || to === null
      ? ''
      : `, ${formatInZone(from, zone)} to ${formatInZone(to, zone)} (${zone})`;
  const head =
    summary.booked === 0
      ? `nothing new to book from ${visible(source.places.join(', '))}`
      : `${style.bold(`${counted(summary.booked, 'call')} ${verb}, ${formatUsdRounded(summary.nanocents)}`)}${period}`;
  const rows: [count: number, text: string][] = [
    [summary.unpricedCalls, 'of them without a known price'],
    [summary.alreadyBooked, 'booked before'],
    [summary.bookedByGateway, 'booked by the gateway'],
    [summary.differing, 'booked before with other counts, left as they are'],
    [source.passedOver.calls, 'passed over: imported before'],
    [source.passedOver.files, 'files unchanged since their last import'],
    [summary.malformed, 'malformed, passed over'],
    ...summary.notes.map(({ count, text }): [number, string] => [count, text]),
  ];
  const said = rows.filter(([count]) => count > 0);
  const width = said.reduce((most, [count]) => Math.max(most, grouped(count).length), 0);
  const lines = said.map(([count, text]) => `  ${grouped(count).padStart(width)}  ${text}\n`);
  const bad = summary.bad.map(
    ({ where, message }) => `  ${style.yellow(visible(where))}: ${visible(message).replace(/\.$/, '')}\n`,
  );
  const more = summary.malformed - summary.bad.length;
  const rest = more > 0 ? `  … and ${grouped(more)} more\n` : '';
  return `${head}\n${lines.join('')}${bad.join('')}${rest}`;
}
