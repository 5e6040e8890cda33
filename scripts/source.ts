import { globSync, readFileSync } from 'node:fs';
import { parseSync } from 'vite';

/** One TypeScript file, parsed once for every check. */
export interface Source {
  /** Relative to the checkout, with forward slashes. */
  readonly path: string;
  readonly lines: readonly string[];
  readonly program: Node;
  /** Line of a position in the text, counted from 1. */
  lineAt(position: number): number;
}

/** A node of the syntax tree (ESTree with TypeScript), as loosely as the checks need it. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** What a check found, with the cure in the message. */
export interface Problem {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

const folders = ['src', 'test', 'scripts', 'examples', 'bench'];

/** Every TypeScript file of the checkout; the working directory is the checkout. */
export function readSources(): Source[] {
  const paths = globSync(
    folders.map((folder) => `${folder}/**/*.{ts,tsx}`),
    { exclude: (name) => name.includes('node_modules') },
  );
  return paths.sort().map((path) => parseSource(path, readFileSync(path, 'utf8')));
}

export function parseSource(path: string, text: string): Source {
  const { program, errors } = parseSync(path, text);
  const [first] = errors;
  if (first !== undefined) throw new Error(`${path} does not parse: ${first.message}`);
  const lines = text.split('\n');
  return {
    path: path.replaceAll('\\', '/'),
    lines: lines.at(-1) === '' ? lines.slice(0, -1) : lines,
    program: program as unknown as Node,
    lineAt: (position) => text.slice(0, position).split('\n').length,
  };
}

export function isTest(path: string): boolean {
  return path.endsWith('.test.ts');
}

/** Visits every node below `node`, itself included, parents first. */
export function walk(node: Node, visit: (node: Node, parent: Node | undefined) => void, parent?: Node): void {
  visit(node, parent);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walk(child, visit, node);
    }
  }
}

/** `a.b` for a member expression of two plain names, the name for an identifier, otherwise undefined. */
export function dottedName(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === 'Identifier') return String(value.name);
  if (value.type !== 'MemberExpression' || value.computed === true) return undefined;
  const object = dottedName(value.object);
  const property = dottedName(value.property);
  return object === undefined || property === undefined ? undefined : `${object}.${property}`;
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}
