import { type Check, runChecks } from '../checks.ts';
import type { Shell } from '../shell.ts';
import { padTo, visible, wrap } from '../text.ts';

export async function run(shell: Shell): Promise<number> {
  const { checks, exitCode } = await runChecks(shell);
  await shell.report({
    json: () => ({
      schema: 'nanocent.doctor/1',
      ok: checks.every(({ status }) => status !== 'fail'),
      checks: checks.map(({ name, status, detail, fix }) => ({ name, status, detail, fix: fix ?? null })),
    }),
    csv: () => ({
      columns: ['name', 'status', 'detail', 'fix'],
      rows: checks.map(({ name, status, detail, fix }) => [name, status, detail, fix]),
    }),
    text: () => checks.map((check) => line(shell, check)).join(''),
  });
  return exitCode;
}

const nameWidth = 14;

function line({ style, terminal }: Shell, { name, status, detail, fix }: Check): string {
  const paint = { ok: style.green, warn: style.yellow, fail: style.red }[status];
  const indent = ' '.repeat(nameWidth + 8);
  const wide = (text: string, used: number) =>
    wrap(visible(text), Math.max(20, terminal.columns - used)).join(`\n${' '.repeat(used)}`);
  const next = fix ? `${indent}${style.bold('fix:')} ${wide(fix, indent.length + 5)}\n` : '';
  return `${paint(padTo(status, 4))}  ${padTo(name, nameWidth)}  ${wide(detail, indent.length)}\n${next}`;
}
