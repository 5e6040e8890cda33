import { resolve } from 'node:path';
import { type OpenedPrices, openPrices } from '../books/open-prices.ts';
import type { Arguments } from './arguments.ts';
import { openConfig } from './open-config.ts';
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
export async function commandPrices(shell: Shell): Promise<OpenedPrices['catalog']> {
  const { prices } = pricesFrom(shell.arguments);
  const { environment } = shell.terminal;
  return (await openPrices({ prices, config: await openConfig(shell), environment, at: Date.now() })).catalog;
}
