import { cutTo } from './text.ts';

const barCells = 20;

/** `█████▌░░░░  27%  12,345 calls read`: without a known total only the words. Fits the width. */
export function progressBar(progress: {
  readonly done: number;
  readonly total: number | null;
  readonly words: string;
  readonly width: number;
}): string {
  const { done, total, words, width } = progress;
  if (total === null || total <= 0) return cutTo(words, width - 1);
  const share = Math.min(1, Math.max(0, done / total));
  const full = Math.floor(share * barCells);
  const bar = '█'.repeat(full) + '░'.repeat(barCells - full);
  return cutTo(`${bar} ${String(Math.floor(share * 100)).padStart(3)}%  ${words}`, width - 1);
}
