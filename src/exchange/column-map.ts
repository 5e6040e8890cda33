import { NanocentError } from '../errors/error.ts';

/** Fields of a call that a column of a CSV file may hold, with what may stand in it. */
export const csvFieldNames = [
  'id',
  'response_id',
  'timestamp',
  'model',
  'requested_model',
  'provider',
  'prompt_tokens',
  'completion_tokens',
  'total_tokens',
  'cached_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'local_prompt_tokens',
  'local_completion_tokens',
  'local_total_tokens',
  'cost',
  'nanocents',
  'execution_time',
  'username',
  'caller_name',
  'project',
  'session',
  'purpose',
  'key',
] as const;
export type CsvField = (typeof csvFieldNames)[number];

/** Other spellings, of the seeds' tables and of our own CSV. */
const otherNames: Readonly<Record<string, CsvField>> = {
  at: 'timestamp',
  datetime: 'timestamp',
  time: 'timestamp',
  date: 'timestamp',
  model_name: 'model',
  caller: 'caller_name',
  user: 'username',
  project_name: 'project',
  usd: 'cost',
  execution_seconds: 'execution_time',
  input_tokens: 'prompt_tokens',
  output_tokens: 'completion_tokens',
};

export type ColumnMap = ReadonlyMap<CsvField, string>;

/** Finds the word that was probably meant. */
export type Nearest = (word: string, known: Iterable<string>) => string | undefined;

/**
 * `model=Model,prompt_tokens="Tokens, in"`: our field, then the column's title, quoted where it has a comma in it. Throws
 * field_invalid for an unknown field, one given twice, and what is no pair.
 */
export function parseColumnMap(text: string, nearest: Nearest): ColumnMap {
  const map = new Map<CsvField, string>();
  for (const pair of pairsOf(text)) {
    const at = pair.indexOf('=');
    const column = pair
      .slice(at + 1)
      .trim()
      .replace(/^"(.*)"$/s, '$1');
    if (at < 1 || column === '') {
      throw invalid(
        `${JSON.stringify(pair.trim())} is not FIELD=COLUMN`,
        'write --map "model=Model,prompt_tokens=In"',
      );
    }
    const field = fieldNamed(pair.slice(0, at).trim());
    if (field === undefined) {
      const name = pair.slice(0, at).trim();
      const near = nearest(snakeCase(name), [...csvFieldNames, ...Object.keys(otherNames)]);
      throw invalid(
        `there is no field ${JSON.stringify(name)}`,
        near ? `did you mean ${near}?` : `the fields are ${csvFieldNames.join(', ')}`,
      );
    }
    if (map.has(field)) throw invalid(`${field} is given twice`, 'name one column for it');
    map.set(field, column);
  }
  return map;
}

/** Parts between commas that stand outside quotes. */
function pairsOf(text: string): string[] {
  return (text.match(/(?:"[^"]*"|[^,])+/g) ?? []).filter((pair) => pair.trim() !== '');
}

/**
 * Where each field stands in a record. Without a map the columns that have a field's name are taken. Throws field_invalid for a
 * column that is not there, with the nearest, and field_missing where a call has no model or no time.
 */
export function columnPlaces(
  columns: readonly string[],
  map: ColumnMap | null,
  nearest: Nearest,
): ReadonlyMap<CsvField, number> {
  const places = map === null ? placesByName(columns) : placesByMap(columns, map, nearest);
  for (const field of ['model', 'timestamp'] as const) {
    if (places.has(field)) continue;
    throw new NanocentError('field_missing', `no column is the ${field} of a call`, {
      field: '--map',
      fix: `name it with --map "${field}=COLUMN"; the columns are ${listed(columns)}`,
    });
  }
  return places;
}

function placesByName(columns: readonly string[]): Map<CsvField, number> {
  const places = new Map<CsvField, number>();
  columns.forEach((column, index) => {
    const field = fieldNamed(column);
    if (field !== undefined && !places.has(field)) places.set(field, index);
  });
  return places;
}

function placesByMap(columns: readonly string[], map: ColumnMap, nearest: Nearest): Map<CsvField, number> {
  const places = new Map<CsvField, number>();
  for (const [field, column] of map) {
    const exact = columns.indexOf(column);
    const index = exact >= 0 ? exact : columns.findIndex((one) => one.toLowerCase() === column.toLowerCase());
    if (index < 0) {
      const near = nearest(column, columns);
      throw invalid(
        `there is no column ${JSON.stringify(column)} for ${field}`,
        near ? `did you mean ${JSON.stringify(near)}?` : `the columns are ${listed(columns)}`,
      );
    }
    places.set(field, index);
  }
  return places;
}

function fieldNamed(name: string): CsvField | undefined {
  const snake = snakeCase(name);
  return (
    csvFieldNames.find((field) => field === snake) ??
    (Object.hasOwn(otherNames, snake) ? otherNames[snake] : undefined)
  );
}

function snakeCase(name: string): string {
  return name
    .trim()
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replace(/[\s-]+/g, '_')
    .toLowerCase();
}

function listed(columns: readonly string[]): string {
  const shown = columns.slice(0, 30).map((column) => JSON.stringify(column.slice(0, 60)));
  return `${shown.join(', ')}${columns.length > shown.length ? ' …' : ''}`;
}

function invalid(message: string, fix: string): NanocentError {
  return new NanocentError('field_invalid', message, { field: '--map', fix });
}
