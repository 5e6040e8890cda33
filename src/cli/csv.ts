export type CsvValue = string | number | bigint | boolean | null | undefined;

/** RFC 4180, with a heading row. A text that a spreadsheet would run as a formula gets an apostrophe in front. */
export function renderCsv(columns: readonly string[], rows: Iterable<readonly CsvValue[]>): string {
  let text = csvLine(columns);
  for (const row of rows) text += csvLine(row);
  return text;
}

function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(csvField).join(',')}\r\n`;
}

function csvField(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  const text = guarded(String(value));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Plain numbers may be negative; anything else that starts like a formula is text. */
function guarded(text: string): string {
  return /^[=+\-@\t\r]/.test(text) && !/^-\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
}
