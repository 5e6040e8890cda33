import type { Terminal } from './terminal.ts';

export type Paint = (text: string) => string;

export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

const plain: Paint = (text) => text;
export const plainStyle: Style = {
  bold: plain,
  dim: plain,
  red: plain,
  green: plain,
  yellow: plain,
  cyan: plain,
};

/** SGR codes: switching on, switching off. */
const coloured: Style = {
  bold: sgr(1, 22),
  dim: sgr(2, 22),
  red: sgr(31, 39),
  green: sgr(32, 39),
  yellow: sgr(33, 39),
  cyan: sgr(36, 39),
};

/** Colours only where a person looks, and never against NO_COLOR (https://no-color.org, checked 2026-11-22). */
export function styleFor(
  terminal: Pick<Terminal, 'environment'>,
  isTerminal: boolean,
  noColor: boolean,
): Style {
  const { NO_COLOR, TERM } = terminal.environment;
  return isTerminal && !noColor && !NO_COLOR && TERM !== 'dumb' ? coloured : plainStyle;
}

function sgr(on: number, off: number): Paint {
  return (text) => (text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`);
}
