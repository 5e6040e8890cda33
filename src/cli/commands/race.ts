import { NanocentError } from '../../errors/error.ts';
import { exitCodes } from '../exit-code.ts';
import { raceDocument } from '../race/race-document.ts';
import type { RaceState } from '../race/referee.ts';
import { runRace } from '../race/referee.ts';
import { raceBars, raceLine, raceLines, raceReport } from '../race/render-race.ts';
import type { Shell } from '../shell.ts';

/** Between two lines where nothing can be drawn. */
const lineMs = 1_000;
const widthMax = 120;

export async function run(shell: Shell): Promise<number> {
  if (shell.format === 'csv') {
    throw new NanocentError('field_invalid', 'there is no CSV of a race', {
      field: '--csv',
      fix: 'use --json',
    });
  }
  const seed = shell.arguments.whole('seed', { min: 0, max: 1_000_000_000 }) ?? Date.now() % 1_000_000;
  const width = Math.min(shell.terminal.columns, widthMax);
  const live = openLive(shell, width);
  try {
    const result = await runRace(seed, live.look);
    live.end();
    await shell.report({
      json: () => raceDocument(result),
      text: () => {
        const bars = raceBars(result, width, shell.style).join('\n');
        return `${bars}\n\n${raceReport(result, width, shell.style)}`;
      },
    });
    return result.holds ? exitCodes.done : exitCodes.broken;
  } finally {
    live.end();
  }
}

/** Draws over what it drew before, on the standard error where that is a terminal; else a line each second. */
function openLive(shell: Shell, width: number): { look(state: RaceState): void; end(): void } {
  const { terminal, quiet, noteStyle } = shell;
  let drawn = 0;
  let saidAt = 0;
  const draws = terminal.errorIsTerminal && !quiet;
  const back = () => (drawn > 0 ? `\r\u001b[${drawn}A\u001b[J` : '');
  return {
    look(state) {
      if (draws) {
        // The last cell of a line stays free: some terminals wrap there.
        const lines = raceLines(state, width - 1, noteStyle);
        terminal.err(`${back()}${lines.join('\n')}\n`);
        drawn = lines.length;
      } else if (state.elapsedMs >= saidAt + lineMs) {
        saidAt = state.elapsedMs;
        shell.note(raceLine(state));
      }
    },
    end() {
      if (drawn > 0) terminal.err(back());
      drawn = 0;
    },
  };
}
