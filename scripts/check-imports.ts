import { posix } from 'node:path';
import { law, type Room, roomOf } from './import-law.ts';
import { isNode, isTest, type Node, type Problem, type Source, walk } from './source.ts';

interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
  readonly line: number;
}

/** Holds every import of src/ against the import law, in whatever form it is written. */
export function checkImports(sources: readonly Source[]): Problem[] {
  return sources
    .filter(({ path }) => path.startsWith('src/'))
    .flatMap((source) =>
      importsOf(source).flatMap((found) => {
        const message = objection(source.path, found);
        return message === undefined ? [] : [{ path: source.path, line: found.line, message }];
      }),
    );
}

function objection(path: string, found: Import): string | undefined {
  const home = roomOf(path) as string;
  const room = law[home];
  if (home === 'index')
    return found.from.startsWith('./') ? undefined : `src/index.ts only re-exports rooms of src/`;
  if (room === undefined)
    return `the room "${home}" has no row in scripts/import-law.ts; add one, with a decision record`;
  if (found.from.startsWith('.')) return objectionToRoom(path, home, room, found);
  if (isTest(path)) return undefined;
  if (found.from.startsWith('node:')) {
    const allowed = room.node === 'any' || room.node?.includes(found.from);
    return allowed ? undefined : `"${home}" may not import ${found.from}; take what it gives as an argument`;
  }
  const name = found.from
    .split('/')
    .slice(0, found.from.startsWith('@') ? 2 : 1)
    .join('/');
  if (room.packages?.includes(name)) return undefined;
  return `"${home}" may not import the package ${name}; a dependency needs a decision record and a row in scripts/import-law.ts`;
}

function objectionToRoom(path: string, home: string, room: Room, found: Import): string | undefined {
  const target = posix.join(posix.dirname(path), found.from);
  const other = roomOf(target);
  if (other === undefined)
    return `src/ may not import ${target}, which is not shipped; move what is needed into a room`;
  if (!/\.(ts|tsx|json)$/.test(target)) return `write the extension: "${found.from}.ts"`;
  if (isTest(target)) return `${target} is a test; move what is shared into a file of its own`;
  const granted = other === home || other === 'errors' || room.may.includes(other);
  if (granted || room.may.includes(target.slice('src/'.length))) return undefined;
  if (isTest(path) && (other === 'testing' || other.startsWith('store/'))) return undefined;
  if (room.types?.includes(other)) {
    return found.typeOnly ? undefined : `"${home}" may import only types of "${other}"; write "import type"`;
  }
  return `"${home}" may not import "${other}" (scripts/import-law.ts); pass it in, or move the code to a room that may`;
}

/** Static, type-only, side-effect, re-export, dynamic and type-query imports. */
function importsOf(source: Source): Import[] {
  const found: Import[] = [];
  walk(source.program, (node) => {
    const from = node.source;
    if (!importing.has(node.type) || !isNode(from)) return;
    const line = source.lineAt(node.start);
    if (typeof from.value === 'string') found.push({ from: from.value, typeOnly: isTypeOnly(node), line });
    else found.push(...computed(from, line));
  });
  return found;
}

const importing = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
]);

function isTypeOnly(node: Node): boolean {
  if (node.type === 'TSImportType' || node.importKind === 'type' || node.exportKind === 'type') return true;
  const specifiers = node.specifiers;
  if (!Array.isArray(specifiers) || specifiers.length === 0) return false;
  return specifiers.every((one: Node) => one.importKind === 'type' || one.exportKind === 'type');
}

/** A template such as import(`./commands/${name}.ts`) is held to the folder it starts with. */
function computed(from: Node, line: number): Import[] {
  const [first] = (from.quasis ?? []) as readonly { readonly value: { readonly raw: string } }[];
  const start = first?.value.raw ?? '';
  return start.startsWith('.')
    ? [{ from: `${start.slice(0, start.lastIndexOf('/'))}/computed.ts`, typeOnly: false, line }]
    : [];
}
