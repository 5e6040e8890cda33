import { law, roomOf } from './import-law.ts';
import { dottedName, isTest, type Node, type Problem, type Source, walk } from './source.ts';

/** Pure rooms touch no clock, environment, network or disk; rooms that hold money use no floating point. */
export function checkPurity(sources: readonly Source[]): Problem[] {
  return sources
    .filter(({ path }) => !isTest(path))
    .flatMap((source) => {
      const room = law[roomOf(source.path) ?? ''];
      const checks = [...(room?.pure ? [outside] : []), ...(room?.exact ? [floating] : [])];
      const problems: Problem[] = [];
      walk(source.program, (node, parent) => {
        for (const check of checks) {
          const message = check(node, parent);
          const line = source.lineAt(node.start);
          if (message !== undefined && !(check === floating && isCount(source.lines[line - 1]))) {
            problems.push({ path: source.path, line, message });
          }
        }
      });
      return problems;
    });
}

const outsideNames = new Set([
  'process',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'performance',
  'crypto',
  'console',
]);

function outside(node: Node, parent: Node | undefined): string | undefined {
  const name = dottedName(node);
  if (name === 'Date.now' || name === 'Math.random') return `${name} in a pure room; take it as an argument`;
  if (node.type === 'NewExpression' && dottedName(node.callee) === 'Date' && isEmpty(node.arguments)) {
    return 'new Date() reads the clock; take the instant as an argument';
  }
  if (node.type === 'Identifier' && outsideNames.has(String(name)) && isUse(node, parent)) {
    return `${name} in a pure room; take what it gives as an argument`;
  }
  return undefined;
}

/** Whole-number arithmetic on 32 bits (hashes), and what the other check refuses anyway. */
const wholeMath = new Set(['Math.imul', 'Math.clz32', 'Math.random']);

function floating(node: Node): string | undefined {
  if (node.type === 'CallExpression') {
    const name = dottedName(node.callee) ?? '';
    if (name === 'Number' || name === 'parseFloat' || name === 'Number.parseFloat') {
      return `${name}() where money is held; keep bigint, or say "// count: why" on the line for what is not money`;
    }
  }
  const name = dottedName(node);
  if (name?.startsWith('Math.') && !wholeMath.has(name)) {
    return `${name} where money is held; divide in money/divide.ts, or say "// count: why" on the line`;
  }
  if (node.type === 'MemberExpression' && dottedName(node.property) === 'toFixed') {
    return 'toFixed where money is held; use money/format-money.ts';
  }
  return undefined;
}

function isCount(line: string | undefined): boolean {
  return /\/\/ count: \S/.test(line ?? '');
}

/** A name that is read, not the name of a member, a property or a declared thing. */
function isUse(node: Node, parent: Node | undefined): boolean {
  if (parent === undefined) return false;
  if (parent.type === 'MemberExpression') return parent.object === node || parent.computed === true;
  if (parent.type === 'CallExpression' || parent.type === 'NewExpression') return true;
  return !/^(TS|Property$|MethodDefinition|PropertyDefinition|FunctionDeclaration|VariableDeclarator|Import|Export)/.test(
    parent.type,
  );
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
