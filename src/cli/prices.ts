import { resolve } from 'node:path';
import { type OpenedPrices, openPrices } from '../books/open-prices.ts';
import type { Arguments } from './arguments.ts';
import type { Shell } from './shell.ts';

/** What options say about prices; the environment's word comes after theirs. */
export function pricesFrom(given: Arguments): { readonly prices?: string; readonly config?: string } {
  const [prices, config] = [given.text('prices'), given.text('config')];
  return {
    ...(prices === undefined ? {} : { prices: resolve(prices) }),
    ...(config === undefined ? {} : { config: resolve(config) }),
  };
}

/** The prices that every command computes with, without a ledger. */
export async function commandPrices({ arguments: given, terminal }: Shell): Promise<OpenedPrices['catalog']> {
  const { environment } = terminal;
  return (await openPrices({ ...pricesFrom(given), environment, at: Date.now() })).catalog;
}
