// node scripts/config-reference.ts: writes what a configuration may hold into docs/configuration.md, below its last heading,
// and its JSON schema into config.schema.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configuration } from '../src/config/description.ts';
import { configurationSchema } from '../src/config/json-schema.ts';
import { anyOf, type Shape, wordsFor } from '../src/config/shape.ts';

const root = join(import.meta.dirname, '..');
const page = join(root, 'docs/configuration.md');
const schemaFile = join(root, 'config.schema.json');
const heading = '## Every key\n';

/** Both files as they are and as they should be. */
export function configurationFiles(): readonly { file: string; now: string; wanted: string }[] {
  const now = readFileSync(page, 'utf8');
  const own = now.slice(0, now.indexOf(heading) + heading.length);
  const reference = Object.entries(configuration.fields).map(([name, shape]) => {
    const rows = rowsOf(name, shape);
    const table = rows.length > 0 ? `\n| key | value | |\n|---|---|---|\n${rows.join('')}` : '';
    return `\n### ${name}\n\n${shape.about}.\n${rows.length > 0 ? '' : `\n${briefly(shape)}.\n`}${table}`;
  });
  return [
    { file: page, now, wanted: own + reference.join('') },
    {
      file: schemaFile,
      now: readFileSync(schemaFile, 'utf8'),
      wanted: `${JSON.stringify(configurationSchema(), null, 2)}\n`,
    },
  ];
}

/** A row for every key below; keys of the user's choice stand in angle brackets. */
function rowsOf(path: string, shape: Shape): string[] {
  switch (shape.kind) {
    case 'table':
      return Object.entries(shape.fields).flatMap(([name, field]) => keyed(`${path}.${name}`, field));
    case 'map':
      return rowsOf(`${path}.<${shape.name}>`, shape.of);
    case 'list':
      return rowsOf(`${path}[]`, shape.of);
    case 'either':
      return shape.of.flatMap((one) => rowsOf(path, one));
    default:
      return [];
  }
}

function keyed(path: string, shape: Shape): string[] {
  const inside = rowsOf(path, shape);
  const row = `| \`${path}\` | ${briefly(shape).replaceAll('|', '\\|')} | ${shape.about ?? ''} |\n`;
  return inside.length > 0 && shape.about === undefined ? inside : [row, ...inside];
}

/** What stands there, with the keys below left to their own rows. */
function briefly(shape: Shape): string {
  if (shape.kind === 'table') return 'a table';
  if (shape.kind === 'map') return `a table by ${shape.name}, each ${briefly(shape.of)}`;
  if (shape.kind === 'list') return `a list, each ${briefly(shape.of)}`;
  if (shape.kind === 'either') return anyOf([...new Set(shape.of.map(briefly))]);
  return wordsFor(shape);
}

if (import.meta.main) for (const { file, wanted } of configurationFiles()) writeFileSync(file, wanted);
