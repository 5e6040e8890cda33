// node scripts/api-reference.ts: writes what every entry of the package exports, with its docstring, into docs/api.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { isNode, type Node, parseSource } from './source.ts';

const root = join(import.meta.dirname, '..');
const page = join(root, 'docs/api.md');

/** One exported name, as it is declared. */
export interface ApiExport {
  readonly name: string;
  /** Relative to the checkout, with its line. */
  readonly place: string;
  /** `function`, `class`, `interface`, `type` or `const`. */
  readonly kind: string;
  readonly signature: string;
  /** The whole docstring in one line; null where there is none. */
  readonly words: string | null;
  /** Public methods of a class that have a docstring. */
  readonly members: readonly { readonly signature: string; readonly words: string }[];
}

/** The exports of every entry of package.json, by the entry's name. */
export function readApi(): Map<string, readonly ApiExport[]> {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const modules = new Modules();
  const entries = Object.entries<{ 'nanocent-source'?: string }>(manifest.exports);
  return new Map(
    entries.flatMap(([name, { 'nanocent-source': source }]) =>
      source === undefined
        ? []
        : [[`nanocent${name.slice(1)}`, modules.exportsOf(join(root, source)).sort(byName)]],
    ),
  );
}

/** docs/api.md as it is and as it should be. */
export function pageWithApi(): { readonly now: string; readonly wanted: string } {
  const parts = [...readApi()].map(([entry, exports]) => {
    const lines = exports.flatMap(({ signature, words, members }) => [
      lineOf(signature, words ?? ''),
      ...members.map((member) => `  ${lineOf(member.signature, member.words)}`),
    ]);
    return `## ${entry}\n\n${lines.join('\n')}\n`;
  });
  return { now: readFileSync(page, 'utf8'), wanted: `${introduction}\n${parts.join('\n')}` };
}

const introduction = `# What the package exports

Generated from the docstrings by \`node scripts/api-reference.ts\`: each name with its signature, its first sentence, and what it throws. The same
words, whole, are in the types that an editor shows. How to use them, by task: [library.md](library.md).
`;

function lineOf(signature: string, words: string): string {
  return `- \`${signature}\`: ${gist(words)}`;
}

/** The first sentence, and those about errors. */
function gist(words: string): string {
  const [first = '', ...rest] = words.split(/(?<=[.!?])\s+(?=[A-Z`])/);
  return [first, ...rest.filter((sentence) => sentence.startsWith('Throws'))].join(' ');
}

function byName(left: ApiExport, right: ApiExport): number {
  return left.name.toLowerCase() < right.name.toLowerCase() ? -1 : 1;
}

interface Module {
  readonly file: string;
  readonly text: string;
  readonly body: readonly Node[];
  lineAt(position: number): number;
}

/** Parsed once each; knows where a name that a module exports is declared. */
class Modules {
  readonly #parsed = new Map<string, Module>();

  exportsOf(file: string): ApiExport[] {
    const module = this.#module(file);
    return module.body.flatMap((statement) => {
      if (statement.type === 'ExportAllDeclaration') return this.exportsOf(target(module, statement));
      if (statement.type !== 'ExportNamedDeclaration') return [];
      if (isNode(statement.declaration)) return [described(module, statement, statement.declaration)];
      return (statement.specifiers as Node[]).map((specifier) => {
        const name = nameOf(specifier.exported);
        const from = isNode(statement.source) ? target(module, statement) : null;
        const found = this.#declared(from ?? file, nameOf(specifier.local));
        return { ...found, name, signature: found.signature.replace(found.name, name) };
      });
    });
  }

  #declared(file: string, name: string): ApiExport {
    const module = this.#module(file);
    for (const statement of module.body) {
      const declaration = isNode(statement.declaration) ? statement.declaration : statement;
      if (declaredName(declaration) === name) return described(module, statement, declaration);
      if (statement.type === 'ExportAllDeclaration') {
        const found = this.exportsOf(target(module, statement)).find((one) => one.name === name);
        if (found) return found;
      }
      const specifiers = (statement.specifiers ?? []) as Node[];
      const passed = specifiers.find((one) => nameOf(one.exported ?? one.local) === name);
      if (passed && isNode(statement.source))
        return this.#declared(target(module, statement), nameOf(passed.imported ?? passed.local));
    }
    throw new Error(`${relative(root, file)} exports ${name}, and nothing there declares it`);
  }

  #module(file: string): Module {
    const known = this.#parsed.get(file);
    if (known) return known;
    const text = readFileSync(file, 'utf8');
    const { program, lineAt } = parseSource(file, text);
    const module = { file, text, body: program.body as Node[], lineAt };
    this.#parsed.set(file, module);
    return module;
  }
}

function target({ file }: Module, statement: Node): string {
  return join(dirname(file), String((statement.source as Node).value));
}

function nameOf(node: unknown): string {
  return String((node as Node).name ?? (node as Node).value);
}

function declaredName(declaration: Node): string | undefined {
  if (declaration.type === 'VariableDeclaration')
    return nameOf(((declaration.declarations as Node[])[0] as Node).id);
  return isNode(declaration.id) ? nameOf(declaration.id) : undefined;
}

const kinds: Readonly<Record<string, string>> = {
  FunctionDeclaration: 'function',
  TSDeclareFunction: 'function',
  ClassDeclaration: 'class',
  TSInterfaceDeclaration: 'interface',
  TSTypeAliasDeclaration: 'type',
  VariableDeclaration: 'const',
};

function described(module: Module, statement: Node, declaration: Node): ApiExport {
  const members = (declaration.body as Node | undefined)?.body;
  return {
    name: declaredName(declaration)!,
    place: `${relative(root, module.file)}:${module.lineAt(declaration.start)}`,
    kind: kinds[declaration.type] ?? declaration.type,
    signature: signatureOf(module.text, declaration),
    words: docstringBefore(module.text, statement.start),
    members: declaration.type === 'ClassDeclaration' ? methodsOf(module.text, members as Node[]) : [],
  };
}

function methodsOf(text: string, members: readonly Node[]): ApiExport['members'] {
  return members.flatMap((member) => {
    const key = member.key as Node | undefined;
    if (!/Method|Property/.test(member.type) || key?.type !== 'Identifier' || member.accessibility) return [];
    const words = docstringBefore(text, member.start);
    const value = member.value as Node | null;
    const isFunction = /Function/.test(value?.type ?? '');
    const end = ((isFunction ? value?.body : value) as Node | null)?.start ?? member.end;
    const signature = oneLine(text.slice(member.start, end).replace(/^async /, ''));
    return words === null ? [] : [{ signature, words }];
  });
}

function signatureOf(text: string, declaration: Node): string {
  const { type, start, end } = declaration;
  const body = declaration.body as Node | undefined;
  if (type === 'FunctionDeclaration' || type === 'ClassDeclaration')
    return oneLine(text.slice(start, body!.start).replace('async ', ''));
  if (type === 'TSInterfaceDeclaration') {
    const fields = (body!.body as Node[]).flatMap((member) =>
      isNode(member.key) ? `${nameOf(member.key)}${member.optional ? '?' : ''}` : [],
    );
    return oneLine(`${text.slice(start, body!.start)}{ ${fields.join(', ')} }`);
  }
  if (type !== 'VariableDeclaration') return oneLine(text.slice(start, end));
  const declarator = (declaration.declarations as Node[])[0]!;
  return oneLine(text.slice(start, (declarator.id as Node).end));
}

/** Longer ones say the rest in the types. */
const signatureCharactersMax = 200;

function oneLine(text: string): string {
  const line = text
    .replace(/\/\*\*.*?\*\//gs, '')
    .replace(/\s*\/\/.*$/gm, '')
    .replace(/\s+/g, ' ')
    .replace(/,? \)/g, ')')
    .replace(/\( /g, '(')
    .replace(/[;=\s]+$/, '')
    .trim();
  return line.length > signatureCharactersMax ? `${line.slice(0, signatureCharactersMax)}…` : line;
}

function docstringBefore(text: string, position: number): string | null {
  const before = text.slice(0, position).trimEnd();
  const opens = before.lastIndexOf('/**');
  if (!before.endsWith('*/') || opens < 0 || before.indexOf('*/', opens) !== before.length - 2) return null;
  const lines = before.slice(opens + 3, -2).split('\n');
  return lines
    .map((line) => line.trim().replace(/^\* ?/, ''))
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim();
}

if (import.meta.main) writeFileSync(page, pageWithApi().wanted);
