import type { OverlayEntry, OverlaySource } from './overlay.ts';

const pricing: OverlaySource = {
  url: 'https://api-docs.deepseek.com/quick_start/pricing',
  checked: '2026-11-22',
};
const genaiComment: OverlaySource = {
  url: 'https://github.com/pydantic/genai-prices/issues/582',
  checked: '2026-11-22',
};

/** 00:30–16:30 UTC was the standard price of the V3 days, the rest of the day off-peak. */
const v3Standard = [30, 990] as const;
const v3Discount = { f: '2025-02-26', t: '2025-09-05T16:00:00Z' } as const;
const v31 = { f: '2025-09-05T16:00:00Z', t: '2025-09-29' } as const;
// https://api-docs.deepseek.com/news/news250929
const v32 = { f: '2025-09-29', t: '2026-04-24' } as const;
// https://api-docs.deepseek.com/news/news260424: both names became modes of V4 Flash, and errors on 2026-07-24T15:59Z;
// the row stays open, as the last price there was.
const v4Alias = {
  f: '2026-04-24',
  r: [[null, { input: '0.14', cacheRead: '0.0028', output: '0.28' }]],
  c: 1,
} as const;

/** Peak hours of V4: 09:00–12:00 and 14:00–18:00 in Beijing, since 2026-08-23 on its working days only. */
const peaks = [
  [60, 240],
  [360, 600],
] as const;
const v4Change = '2026-08-17';
const v4Weekends = '2026-08-22T16:00:00Z';

function v4(flat: Rates, offPeak: Rates, peak: Rates): NonNullable<OverlayEntry['rows']> {
  return [
    { t: v4Change, r: [[null, flat]], c: 1 },
    { f: v4Change, r: [[null, offPeak]], c: 1 },
    ...peaks.map(([start, end]) => ({
      f: v4Change,
      t: v4Weekends,
      d: [start, end] as const,
      r: [[null, peak]] as const,
      c: 1 as const,
    })),
    ...peaks.map(([start, end]) => ({
      f: v4Weekends,
      d: [start, end, '12345'] as const,
      r: [[null, peak]] as const,
      c: 1 as const,
    })),
  ];
}

type Rates = { readonly input: string; readonly cacheRead: string; readonly output: string };

export const deepseek: readonly OverlayEntry[] = [
  {
    provider: 'deepseek',
    models: ['deepseek-chat'],
    source: pricing,
    why: 'V3 launch price to 2025-02-08, off-peak hours from 2025-02-26 to 2025-09-05T16:00Z, V3.1 and V3.2 after; the base data has the off-peak hours for all time.',
    rows: [
      { t: '2025-02-08', r: [[null, { input: '0.14', cacheRead: '0.014', output: '0.28' }]], c: 1 },
      {
        f: '2025-02-08',
        t: '2025-02-26',
        r: [[null, { input: '0.27', cacheRead: '0.07', output: '1.1' }]],
        c: 1,
      },
      { ...v3Discount, r: [[null, { input: '0.135', cacheRead: '0.035', output: '0.55' }]], c: 1 },
      {
        ...v3Discount,
        d: v3Standard,
        r: [[null, { input: '0.27', cacheRead: '0.07', output: '1.1' }]],
        c: 1,
      },
      { ...v31, r: [[null, { input: '0.56', cacheRead: '0.07', output: '1.68' }]], c: 1 },
      { ...v32, r: [[null, { input: '0.28', cacheRead: '0.028', output: '0.42' }]], c: 1 },
      v4Alias,
    ],
  },
  {
    provider: 'deepseek',
    models: ['deepseek-reasoner'],
    source: pricing,
    why: 'R1 until 2025-09-05T16:00Z with its off-peak hours, V3.1 and V3.2 in thinking mode after.',
    rows: [
      { t: '2025-02-26', r: [[null, { input: '0.55', cacheRead: '0.14', output: '2.19' }]], c: 1 },
      { ...v3Discount, r: [[null, { input: '0.135', cacheRead: '0.035', output: '0.55' }]], c: 1 },
      {
        ...v3Discount,
        d: v3Standard,
        r: [[null, { input: '0.55', cacheRead: '0.14', output: '2.19' }]],
        c: 1,
      },
      { ...v31, r: [[null, { input: '0.56', cacheRead: '0.07', output: '1.68' }]], c: 1 },
      { ...v32, r: [[null, { input: '0.28', cacheRead: '0.028', output: '0.42' }]], c: 1 },
      v4Alias,
    ],
  },
  {
    provider: 'deepseek',
    models: ['deepseek-v4-flash'],
    source: genaiComment,
    why: 'Peak hours began on 2026-08-17 and are not on weekends since 2026-08-23 Beijing time: a date and a time of day, which the base data cannot say together.',
    rows: v4(
      { input: '0.14', cacheRead: '0.0028', output: '0.28' },
      { input: '0.22', cacheRead: '0.007', output: '0.66' },
      { input: '0.44', cacheRead: '0.014', output: '1.32' },
    ),
  },
  {
    provider: 'deepseek',
    models: ['deepseek-v4-pro'],
    source: genaiComment,
    why: 'As deepseek-v4-flash.',
    rows: v4(
      { input: '0.435', cacheRead: '0.003625', output: '0.87' },
      { input: '0.66', cacheRead: '0.022', output: '1.98' },
      { input: '1.32', cacheRead: '0.044', output: '3.96' },
    ),
  },
];
