import { dottedName, isNode, type Node, type Problem, type Source, walk } from './source.ts';

export const fileLinesMax = 400;
export const functionLinesMax = 70;

/** One file holds one idea, one function fits a screen. Tests are held to the file's bound only. */
export function checkSizes(sources: readonly Source[]): Problem[] {
  return sources.flatMap((source) => {
    const problems: Problem[] = [];
    if (source.lines.length > fileLinesMax) {
      const message = `${source.lines.length} lines, at most ${fileLinesMax}; move the second idea into a file of its own`;
      problems.push({ path: source.path, line: source.lines.length, message });
    }
    walk(source.program, (node, parent) => {
      const lines = source.lineAt(node.end) - source.lineAt(node.start) + 1;
      if (!functions.has(node.type) || lines <= functionLinesMax || isTestBody(parent)) return;
      const message = `a function of ${lines} lines, at most ${functionLinesMax}; give a step of it a name`;
      problems.push({ path: source.path, line: source.lineAt(node.start), message });
    });
    return problems;
  });
}

const functions = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** The body handed to test(), describe() and the like tells a story and may be long. */
function isTestBody(parent: Node | undefined): boolean {
  if (parent?.type !== 'CallExpression' || !isNode(parent.callee)) return false;
  return /^(test|describe|suite|it)(\.|$)/.test(dottedName(parent.callee) ?? '');
}
