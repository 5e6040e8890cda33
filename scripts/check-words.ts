import { isTest, type Problem, type Source } from './source.ts';

interface Ban {
  readonly pattern: RegExp;
  readonly cure: string;
  /** Where the ban holds. */
  readonly holds: (path: string) => boolean;
}

const shipped = (path: string): boolean => path.startsWith('src/');
const everywhere = (): boolean => true;

// The patterns are assembled from parts so that this file does not break its own rules.
const bans: readonly Ban[] = [
  {
    pattern: new RegExp(
      `\\b(${['to' + 'do', 'fix' + 'me', 'x' + 'xx', 'not imple' + 'mented', 'st' + 'ub'].join('|')})\\b`,
      'i',
    ),
    cure: 'finish it, or open an issue and leave the code without it',
    holds: shipped,
  },
  {
    pattern: new RegExp(`\\b(test|describe|suite|it)\\.(on${'ly'}|sk${'ip'}|to${'do'})\\(`),
    cure: 'a test runs always; a missing need is reported by test/needs.ts',
    holds: isTest,
  },
  {
    pattern: new RegExp(`\\b(?:(on${'ly'}|sk${'ip'}|to${'do'}): true)`),
    cure: 'a test runs always; a missing need is reported by test/needs.ts',
    holds: isTest,
  },
  {
    pattern: new RegExp(`@ts-(${['ig' + 'nore', 'no' + 'check'].join('|')})|biome-ig${'nore'}(?!.*: \\S)`),
    cure: 'mend the cause, or give the reason behind a colon',
    holds: everywhere,
  },
  {
    pattern: /(^|[\s'"`(])\/(work|home|root|Users)\/\w/,
    cure: 'a path of one machine; make it relative to the checkout',
    holds: everywhere,
  },
];

/** Words that may not stay: unfinished work, tests switched off, silenced checks, paths of one machine. */
export function checkWords(sources: readonly Source[]): Problem[] {
  return sources.flatMap(({ path, lines }) =>
    lines.flatMap((text, index) =>
      bans.flatMap(({ pattern, cure, holds }) => {
        const [word] = (holds(path) && pattern.exec(text)) || [];
        return word === undefined ? [] : [{ path, line: index + 1, message: `"${word.trim()}": ${cure}` }];
      }),
    ),
  );
}
