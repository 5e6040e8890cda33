import { isTest, type Problem, type Source, walk } from './source.ts';

/** Every error code has a row in docs/errors.md that agrees on its kind, and is used somewhere in src/. */
export function checkErrors(
  codes: Readonly<Record<string, string>>,
  document: string,
  sources: readonly Source[],
): Problem[] {
  const rows = [...document.matchAll(/^\| `(\w+)` \| (\w+) \| (.*) \| (.*) \|$/gm)];
  const documented = new Map(
    rows.map(([, code, kind, meaning, cure]) => [code as string, { kind, meaning, cure }]),
  );
  const used = codesUsed(sources);
  const problems: Problem[] = [];
  const report = (message: string): void => {
    problems.push({ path: 'docs/errors.md', line: 1, message });
  };
  for (const [code, kind] of Object.entries(codes)) {
    const row = documented.get(code);
    if (row === undefined)
      report(`no row for ${code}; add: | \`${code}\` | ${kind} | meaning | what to do |`);
    else if (row.kind !== kind)
      report(`${code} is of kind ${kind}, the row says ${row.kind}; correct the row`);
    else if (!row.meaning?.trim() || !row.cure?.trim()) report(`${code}: say what it means and what to do`);
    if (!used.has(code))
      report(`${code} is used nowhere in src/; remove it from src/errors/codes.ts and from here`);
  }
  for (const code of documented.keys()) {
    if (!(code in codes))
      report(`${code} is no error code; remove the row, or add it to src/errors/codes.ts`);
  }
  return problems;
}

/** String literals outside the list itself and outside tests. */
function codesUsed(sources: readonly Source[]): Set<string> {
  const used = new Set<string>();
  for (const source of sources) {
    if (!source.path.startsWith('src/') || source.path === 'src/errors/codes.ts' || isTest(source.path))
      continue;
    walk(source.program, (node) => {
      if (node.type === 'Literal' && typeof node.value === 'string') used.add(node.value);
    });
  }
  return used;
}
