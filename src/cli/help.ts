import type { Command, OptionSpec } from './command.ts';
import { commandGroups, commands } from './command-table.ts';
import { globalOptions } from './options.ts';
import { type Style, styleFor } from './style.ts';
import type { Terminal } from './terminal.ts';
import { padTo, wrap } from './text.ts';

/** Lines longer than this are tiring to read, however wide the terminal is. */
const widthMax = 100;
const widthMin = 40;

/** What of a terminal help depends on. */
type Screen = Pick<Terminal, 'environment' | 'columns'> & Partial<Pick<Terminal, 'outputIsTerminal'>>;

interface Page {
  readonly width: number;
  readonly style: Style;
}

/** Help for one command: usage, options, notes, examples. */
export function renderHelp(command: Command, terminal: Screen, noColor: boolean): string {
  const page = pageFor(terminal, noColor);
  const { style } = page;
  const usage = [
    'nanocent',
    command.name,
    command.options.length > 0 ? '[options]' : '',
    command.operands?.show,
  ];
  const parts = [
    `${style.bold('Usage:')} ${usage.filter(Boolean).join(' ')}`,
    wrap(`${command.about}.`, page.width).join('\n'),
  ];
  if (command.options.length > 0) parts.push(section('Options', command.options.map(optionRow), page));
  parts.push(
    wrap(
      `And the global options: ${globalOptions.map(({ name }) => `--${name}`).join(' ')}`,
      page.width,
    ).join('\n'),
  );
  for (const note of command.notes ?? []) parts.push(wrap(note, page.width).join('\n'));
  parts.push(exampleLines(command.examples, page));
  return `${parts.join('\n\n')}\n`;
}

/** The commands that share a first word. */
export function renderFamily(
  name: string,
  family: readonly Command[],
  terminal: Screen,
  noColor: boolean,
): string {
  const page = pageFor(terminal, noColor);
  const { style } = page;
  const rows = family.map((command) => [command.name, command.about] as const);
  const examples = family.flatMap(({ examples }) => examples.slice(0, 1));
  return [
    `${style.bold('Usage:')} nanocent ${name} COMMAND [options]`,
    section('Commands', rows, page),
    exampleLines(examples, page),
    `nanocent help ${family[0]!.name} tells more.\n`,
  ].join('\n\n');
}

/** Every command, with its one line. */
export function renderOverview(terminal: Screen, noColor: boolean): string {
  const page = pageFor(terminal, noColor);
  const { style } = page;
  const groups = commandGroups.map(({ title, commands }) =>
    section(
      title,
      commands.map(({ name, about }) => [name, about] as const),
      page,
      nameWidth,
    ),
  );
  const first = 'nanocent track --model gpt-4o --prompt-tokens 1000 --completion-tokens 500';
  return [
    `${style.bold('nanocent')} keeps the books for LLM calls: usage, exact cost, limits.`,
    `${style.bold('Usage:')} nanocent COMMAND [options]`,
    ...groups,
    section('Global options', globalOptions.map(optionRow), page),
    `${style.bold('Begin with')}\n  ${first}\n  nanocent stats --daily\n  nanocent serve --demo`,
    'nanocent help COMMAND tells more about each.\n',
  ].join('\n\n');
}

/** As they are typed: what is too long goes on after a backslash. */
function exampleLines(examples: readonly string[], { width, style }: Page): string {
  const lines = examples.flatMap((example) =>
    wrap(example, width - 6).map((line, index, all) => {
      const more = index < all.length - 1 ? ' \\' : '';
      return `${index === 0 ? '  ' : '    '}${line}${more}`;
    }),
  );
  return [style.bold('Examples'), ...lines].join('\n');
}

const nameWidth = Math.max(...commands.map(({ name }) => name.length));

function pageFor(terminal: Screen, noColor: boolean): Page {
  return {
    width: Math.max(widthMin, Math.min(widthMax, terminal.columns)),
    style: styleFor(terminal, terminal.outputIsTerminal ?? false, noColor),
  };
}

function optionRow(option: OptionSpec): readonly [string, string] {
  const short = option.short === undefined ? '' : `-${option.short}, `;
  return [`${short}--${option.name}${option.value === undefined ? '' : ` ${option.value}`}`, option.about];
}

/** A heading and two aligned columns; what the second has no room for goes on below itself. */
function section(
  title: string,
  rows: readonly (readonly [string, string])[],
  { width, style }: Page,
  leftWidth = Math.max(...rows.map(([left]) => left.length)),
): string {
  const left = Math.min(leftWidth, Math.floor(width / 2));
  const lines = rows.flatMap(([name, about]) => {
    const [first = '', ...more] = wrap(about, width - left - 4);
    const indent = ' '.repeat(left + 4);
    // A name too long for its column has a line of its own.
    const head =
      name.length > left
        ? [`  ${style.cyan(name)}`, indent + first]
        : [`  ${style.cyan(padTo(name, left))}  ${first}`];
    return [...head, ...more.map((line) => indent + line)];
  });
  return `${style.bold(title)}\n${lines.join('\n')}`;
}
