import { readFileSync } from 'node:fs';
import { errorCodes } from '../src/errors/codes.ts';
import { checkErrors } from './check-errors.ts';
import { checkImports } from './check-imports.ts';
import { checkPurity } from './check-purity.ts';
import { checkSizes } from './check-sizes.ts';
import { checkWords } from './check-words.ts';
import { type Exception, exceptions } from './exceptions.ts';
import { type Problem, readSources, type Source } from './source.ts';

export const rules: Readonly<Record<string, (sources: readonly Source[]) => Problem[]>> = {
  'import law': checkImports,
  'pure rooms': checkPurity,
  sizes: checkSizes,
  words: checkWords,
  'error codes': (sources) => checkErrors(errorCodes, readFileSync('docs/errors.md', 'utf8'), sources),
};

/** All problems of the checkout by rule, the granted exceptions taken out. */
export function houseProblems(sources: readonly Source[] = readSources()): Map<string, Problem[]> {
  const unmatched = new Set(exceptions);
  const problems = new Map(
    Object.entries(rules).map(([name, rule]) => [
      name,
      rule(sources).filter((problem) => {
        const granted = exceptions.find((exception) => covers(exception, problem));
        if (granted !== undefined) unmatched.delete(granted);
        return granted === undefined;
      }),
    ]),
  );
  problems.set(
    'exceptions',
    [...unmatched].map(({ path, message }) => ({
      path: 'scripts/exceptions.ts',
      line: 1,
      message: `nothing in ${path} needs the exception "${message}" any more; remove it`,
    })),
  );
  return problems;
}

function covers(exception: Exception, problem: Problem): boolean {
  return exception.path === problem.path && problem.message.includes(exception.message);
}
