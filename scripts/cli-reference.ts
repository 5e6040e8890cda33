// node scripts/cli-reference.ts: writes the commands' own help into docs/cli.md, below its last heading.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commands } from '../src/cli/command-table.ts';
import { renderHelp } from '../src/cli/help.ts';

const page = join(import.meta.dirname, '../docs/cli.md');
const heading = '## Commands\n';

/** docs/cli.md as it should be: its own words, then the help of every command. */
export function pageWithReference(): { readonly now: string; readonly wanted: string } {
  const now = readFileSync(page, 'utf8');
  const own = now.slice(0, now.indexOf(heading) + heading.length);
  const reference = commands.map((command) => {
    const help = renderHelp(command, { environment: {}, columns: 100 }, true);
    return `\n### ${command.name}\n\n\`\`\`text\n${help}\`\`\`\n`;
  });
  return { now, wanted: own + reference.join('') };
}

if (import.meta.main) writeFileSync(page, pageWithReference().wanted);
