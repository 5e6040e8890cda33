import { type Paint, plainStyle, type Style } from './style.ts';
import { cutTo, padTo, visible, widthOf } from './text.ts';

export interface Column {
  readonly title: string;
  /** Numbers stand right, text left. */
  readonly align?: 'right';
  /** Text that may be cut to this many columns before anything is left out. */
  readonly cutTo?: number;
  /** May be left out where there is no room: the highest number goes first, equal ones together. */
  readonly optional?: number;
}

/** Null is "none", shown as a dash. */
export type Cell = string | null | { readonly text: string; readonly paint: Paint };

export interface TableOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly style?: Style;
  /** A last row, set off by a rule. */
  readonly footer?: readonly Cell[];
}

export interface Table {
  /** Lines with a line feed each. */
  readonly text: string;
  /** Titles of the columns that found no room. */
  readonly hidden: readonly string[];
}

const gap = '  ';
/** Below this a column says nothing any more. */
const cellWidthMin = 4;

/** Aligned text that fits: cut where a column allows it, then without its least important columns. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  options: TableOptions,
): Table {
  const { style = plainStyle, footer } = options;
  const all = footer ? [...rows, footer] : rows;
  const natural = columns.map((column, index) =>
    all.reduce((most, row) => Math.max(most, widthOf(textOf(row[index]))), widthOf(column.title)),
  );
  const { shown, widths } = fit(columns, natural, options.width);
  const line = (cells: readonly string[]) => `${cells.join(gap).trimEnd()}\n`;
  const rule = style.dim(`${'─'.repeat(sum(widths) + gap.length * (widths.length - 1))}\n`);
  const render = (row: readonly Cell[], paint: Paint = (text) => text) =>
    line(
      shown.map((index, at) => {
        const text = renderCell(row[index], columns[index]!, widths[at]!, style);
        // Paint on nothing would keep the line from ending there.
        return text.trim() === '' ? text : paint(text);
      }),
    );
  const head = shown.map((index, at) =>
    style.bold(padded(cutTo(columns[index]!.title, widths[at]!), columns[index]!, widths[at]!)),
  );
  const body = rows.map((row) => render(row)).join('');
  const foot = footer ? rule + render(footer, style.bold) : '';
  return {
    text: line(head) + rule + body + foot,
    hidden: columns.flatMap(({ title }, index) => (shown.includes(index) || title === '' ? [] : [title])),
  };
}

function fit(columns: readonly Column[], natural: readonly number[], width: number) {
  let shown = columns.map((_, index) => index);
  for (;;) {
    const least = shown.map((index) => Math.min(natural[index]!, columns[index]!.cutTo ?? natural[index]!));
    const room = width - gap.length * (shown.length - 1);
    const last = Math.max(...shown.map((index) => columns[index]!.optional ?? 0));
    if (sum(least) <= room || last === 0) {
      const wanted = shown.map((index) => natural[index]!);
      return { shown, widths: narrowed(wanted, sum(least) <= room ? least : wanted.map(tightest), room) };
    }
    shown = shown.filter((index) => columns[index]!.optional !== last);
  }
}

function tightest(width: number): number {
  return Math.min(width, cellWidthMin);
}

/** Takes from the widest first, never below the least. */
function narrowed(wanted: readonly number[], least: readonly number[], room: number): number[] {
  const widths = [...wanted];
  for (let over = sum(widths) - room; over > 0; over -= 1) {
    let widest = -1;
    widths.forEach((width, index) => {
      if (width > least[index]! && (widest === -1 || width > widths[widest]!)) widest = index;
    });
    if (widest === -1) break;
    widths[widest]! -= 1;
  }
  return widths;
}

function renderCell(cell: Cell | undefined, column: Column, width: number, style: Style): string {
  const text = padded(cutTo(textOf(cell), width), column, width);
  if (cell === null || cell === undefined) return style.dim(text);
  return typeof cell === 'string' ? text : cell.paint(text);
}

function padded(text: string, column: Column, width: number): string {
  return padTo(text, width, column.align === 'right' ? 'right' : 'left');
}

function textOf(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return '–';
  return visible(typeof cell === 'string' ? cell : cell.text);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
