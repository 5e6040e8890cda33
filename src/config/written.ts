/** What somebody wrote, as text and with its line, so that whoever reads it can say where something is wrong. */
export type Written = { readonly line: number | null } & (
  | { readonly kind: 'nothing' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Written[] }
  | { readonly kind: 'fields'; readonly fields: readonly WrittenField[] }
);

export interface WrittenField {
  readonly name: string;
  readonly line: number | null;
  readonly value: Written;
}

/** A value of a program, which has no lines. */
export function writtenOf(value: unknown): Written {
  const line = null;
  if (value === null || value === undefined) return { kind: 'nothing', line };
  if (Array.isArray(value)) return { kind: 'list', items: value.map(writtenOf), line };
  if (typeof value !== 'object') return { kind: 'text', text: String(value), line };
  const fields = Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .map(([name, one]) => ({ name, line, value: writtenOf(one) }));
  return { kind: 'fields', fields, line };
}
