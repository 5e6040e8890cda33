import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type FakeAnswer, type FakeRequest, startFakeProvider } from '../../src/testing/fake-provider.ts';
import { checkout, plainEnvironment } from '../house/machine.ts';
import {
  chatJson,
  chatStream,
  embeddingJson,
  geminiJson,
  geminiStream,
  messageJson,
  messageStream,
  mistralJson,
  responseJson,
  responseStream,
} from '../transcripts.ts';

/** One fenced block of a document. */
interface Block {
  readonly language: string;
  /** What stands behind the language: a file name, `no-run`, or nothing. */
  readonly note: string;
  readonly code: string;
}

export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** The parts of a document that have code in them, by heading. */
export function sectionsOf(document: string): readonly Section[] {
  const text = readFileSync(join(checkout, document), 'utf8');
  return text
    .split(/^(?=##+ )/m)
    .map((part) => ({ title: part.slice(0, part.indexOf('\n')).replace(/^#+ /, ''), blocks: blocksOf(part) }))
    .filter(({ blocks }) => blocks.length > 0);
}

function blocksOf(text: string): Block[] {
  return [...text.matchAll(/^```(\w+) ?([^\n]*)\n(.*?)^```$/gms)].map(([, language, note, code]) => ({
    language: language!,
    note: note!,
    code: code!,
  }));
}

/**
 * Runs a section as its reader would, in an empty folder: a block with a file name is written there, `ts` runs as a program,
 * `sh` in a shell whose `nanocent` is this checkout's. Calls of the known providers reach a local one. A line that ends in
 * `console.log(…); // text` must print that text.
 */
export async function runSection({ blocks }: Section): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'nanocent printed '));
  const provider = await startFakeProvider();
  provider.answerWith(answerTo);
  try {
    linkPackages(folder);
    const setting = { cwd: folder, env: environment(folder, provider.url) };
    for (const [index, { language, note, code }] of blocks.entries()) {
      if (note !== '' && note !== 'no-run') writeFileSync(join(folder, note), code);
      else if (language === 'ts' && note === '') {
        const file = join(folder, `example-${index}.ts`);
        writeFileSync(file, code);
        const ended = await ranToItsEnd(process.execPath, [...nodeOptions, file], setting);
        assert.equal(ended.status, 0, `${code}\n${ended.stderr}`);
        const promised = [...code.matchAll(/console\.log\(.*\); \/\/ (.+)$/gm)].map(([, text]) => text);
        if (promised.length > 0) assert.deepEqual(ended.stdout.split('\n').filter(Boolean), promised, code);
      } else if (language === 'sh') {
        const ended = await ranToItsEnd('sh', ['-e', '-c', code], setting);
        assert.equal(ended.status, 0, `${code}\n${ended.stdout}${ended.stderr}`);
      }
    }
  } finally {
    await provider.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const nodeOptions = [
  '--conditions=nanocent-source',
  '--import',
  join(import.meta.dirname, 'local-providers.ts'),
];

/** The folder's packages are this checkout's, and it among them; its examples are at hand. */
export function linkPackages(folder: string): void {
  const packages = join(folder, 'node_modules');
  mkdirSync(packages);
  symlinkSync(checkout, join(packages, 'nanocent'));
  for (const name of readdirSync(join(checkout, 'node_modules')).filter((one) => !one.startsWith('.')))
    symlinkSync(join(checkout, 'node_modules', name), join(packages, name));
  symlinkSync(join(checkout, 'examples'), join(folder, 'examples'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
}

function environment(folder: string, provider: string): NodeJS.ProcessEnv {
  const plain = plainEnvironment();
  return {
    ...plain,
    PATH: `${join(checkout, 'bin')}${delimiter}${plain.PATH}`,
    NANOCENT_DB_FILE: join(folder, 'books.sqlite'),
    LOCAL_PROVIDER: provider,
    USER: 'ann',
    ...Object.fromEntries(
      ['OPENAI', 'ANTHROPIC', 'GEMINI', 'MISTRAL'].map((name) => [`${name}_API_KEY`, 'sk-local']),
    ),
  };
}

/** What each provider would say, in its own framing, by the route and the wish for a stream. */
function answerTo({ url, body }: FakeRequest): FakeAnswer {
  const streams = /"stream":\s*true/.test(body);
  if (url.includes(':streamGenerateContent')) return { body: geminiStream };
  if (url.includes(':generateContent')) return { body: geminiJson };
  if (url.endsWith('/messages')) return { body: streams ? messageStream : messageJson };
  if (url.endsWith('/responses')) return { body: streams ? responseStream : responseJson };
  if (url.endsWith('/embeddings')) return { body: embeddingJson };
  if (body.includes('"mistral-')) return { body: mistralJson };
  return { body: streams ? chatStream : chatJson };
}

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function ranToItsEnd(
  program: string,
  args: readonly string[],
  setting: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(program, args, { ...setting, timeout: 60_000 }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ status, stdout, stderr });
    });
  });
}
