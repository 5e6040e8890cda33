import type { Shell } from './shell.ts';
import { type Cell, type Column, renderTable } from './table.ts';

/** A table that fits this terminal; what found no room is named after the report. */
export function showTable(
  shell: Shell,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  footer?: readonly Cell[],
): string {
  const { text, hidden } = renderTable(columns, rows, {
    width: shell.terminal.columns,
    style: shell.style,
    ...(footer === undefined ? {} : { footer }),
  });
  shell.noRoomFor(hidden);
  return text;
}
