import { priceUsage } from '../core/pricing.ts';
import { discoverLogs, readAgentLogs } from '../exchange/agents/index.ts';
import { blockMs, currentBlock } from '../exchange/current-block.ts';
import { bundledCatalog } from '../prices/bundled.ts';
import type { Spending } from './statusline-line.ts';

/** Logs that were last written before this have no call of today or of the current block in them. */
const recentMs = 48 * 3_600_000;

/** What Claude Code spent today, in the current block and in one session, by its logs of the last two days. */
export async function recentSpending(options: {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly cacheFile: string;
  readonly now: number;
  readonly sessionId: string | null;
}): Promise<Spending> {
  const { environment, home, cacheFile, now, sessionId } = options;
  const found = discoverLogs({ environment, home, agents: ['claude-code'] });
  const files = found.files.filter((file) => file.modifiedAt >= now - recentMs);
  const logs = await readAgentLogs({ ...found, files }, { cacheFile });
  const today = localDay(now);
  const since = Math.min(today.start, now - recentMs + blockMs);
  const catalog = bundledCatalog();
  const calls: { at: number; nanocents: bigint | null }[] = [];
  let session: bigint | null = null;
  for (const { at, sessionId: ofSession, usage, model, provider, terms } of logs.messages()) {
    if (at < since && ofSession !== sessionId) continue;
    const named = provider === null ? {} : { provider };
    const pricing = await priceUsage({ catalog }, usage, { model, at, terms, ...named });
    const nanocents = pricing.outcome === 'priced' ? pricing.charge.nanocents : null;
    if (ofSession === sessionId && nanocents !== null) session = (session ?? 0n) + nanocents;
    if (at >= since) calls.push({ at, nanocents });
  }
  const ofToday = calls.filter(({ at }) => at >= today.start && at < today.end);
  return {
    session,
    today: ofToday.reduce((sum, { nanocents }) => sum + (nanocents ?? 0n), 0n),
    unpriced: ofToday.filter(({ nanocents }) => nanocents === null).length,
    block: currentBlock(calls, now),
  };
}

/** This machine's day; without Intl, whose data take longer to load than all the rest (40 ms). */
function localDay(now: number): { readonly start: number; readonly end: number } {
  const date = new Date(now);
  const midnight = (days: number) =>
    new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
  return { start: midnight(0), end: midnight(1) };
}
