import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
} from 'yaml';
import { NanocentError } from '../errors/error.ts';
import type { Written, WrittenField } from './written.ts';

/** Values that a file may come to with its aliases followed: it is written by hand, and no bomb. */
const valuesMax = 100_000;
const depthMax = 20;

/** The same text as it is written, with its lines, and as the values that YAML means by it. */
export interface ReadYaml {
  readonly written: Written;
  readonly value: unknown;
}

/** Reads YAML, and JSON, which is a part of it, as it is written. Throws config_invalid with file and line. */
export function parseYaml(text: string, file: string): Written {
  return readYaml(text, file).written;
}

/** To be imported where there is such a file: the parser takes longer to load than most commands to run. */
export function readYaml(text: string, file: string): ReadYaml {
  const lines = new LineCounter();
  const document = parse(text, lines, file);
  const wrong = document.errors[0] ?? document.warnings[0];
  if (wrong) {
    const place = `${file}, line ${lines.linePos(wrong.pos[0]).line}`;
    throw invalid(`${place}: ${wrong.message.split('\n')[0]}`, 'correct the YAML there');
  }
  const written = new Reader(document, lines, file).read(document.contents, 0);
  // Bounded by the reader, aliases followed.
  return { written, value: document.toJS({ maxAliasCount: -1 }) };
}

function parse(text: string, lines: LineCounter, file: string): Document {
  try {
    return parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
  } catch {
    // Brackets nested by the thousand exhaust the parser's stack.
    throw invalid(`${file} is nested too deeply`, 'write it as docs/limits.md shows');
  }
}

class Reader {
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #file: string;
  readonly #aliases = new Map<Alias, unknown>();
  #values = 0;

  constructor(document: Document, lines: LineCounter, file: string) {
    this.#document = document;
    this.#lines = lines;
    this.#file = file;
  }

  read(node: unknown, depth: number): Written {
    if (++this.#values > valuesMax || depth > depthMax) {
      throw invalid(`${this.#file} holds more than a file of limits may`, 'write it as docs/limits.md shows');
    }
    if (isAlias(node)) return this.read(this.#resolved(node), depth + 1);
    const line = this.#lineOf(node);
    if (isScalar(node)) return { ...scalarOf(node), line };
    if (isSeq(node))
      return { kind: 'list', items: node.items.map((item) => this.read(item, depth + 1)), line };
    if (!isMap(node)) return { kind: 'nothing', line };
    const fields = node.items.map(({ key, value }) => this.#field(key, value, depth + 1));
    return { kind: 'fields', fields, line };
  }

  /** The parser walks the whole document for each look-up. */
  #resolved(alias: Alias): unknown {
    if (!this.#aliases.has(alias)) this.#aliases.set(alias, alias.resolve(this.#document));
    return this.#aliases.get(alias);
  }

  #field(key: unknown, value: unknown, depth: number): WrittenField {
    const name = this.read(key, depth);
    const line = this.#lineOf(key);
    if (name.kind === 'text') return { name: name.text, line, value: this.read(value, depth) };
    throw invalid(`${this.#file}, line ${line}: a key has to be a word`, 'write it as text');
  }

  #lineOf(node: unknown): number | null {
    const range = (node as Node | null)?.range;
    return range ? this.#lines.linePos(range[0]).line : null;
  }
}

/** Numbers as they are written: a double would round 0.1, and large counts. */
function scalarOf({ value, source }: Scalar) {
  if (value === null) return { kind: 'nothing' as const };
  return { kind: 'text' as const, text: typeof value === 'string' ? value : (source ?? String(value)) };
}

function invalid(message: string, fix: string): NanocentError {
  return new NanocentError('config_invalid', message, { field: 'config', fix });
}
