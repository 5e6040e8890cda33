import type { Usage } from '../usage/usage.ts';

/** The counts that few rows have, as one JSON text, so that the many rows stay narrow. */
export type ExtraUsage = Omit<
  Usage,
  'input' | 'cacheRead' | 'cacheWrite5m' | 'cacheWrite1h' | 'cacheWrite' | 'output' | 'reasoning'
>;

/** Null where there are none. */
export function extraUsageText(usage: Usage): string | null {
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, cacheWrite, output, reasoning, units, ...subsets } =
    usage;
  let empty = true;
  for (const _ in units) empty = false;
  for (const _ in subsets) empty = false;
  return empty ? null : JSON.stringify({ ...subsets, units });
}

export function extraUsageOf(text: string | null): ExtraUsage {
  return text === null ? { units: {} } : JSON.parse(text);
}
