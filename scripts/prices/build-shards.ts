import { waitForUpdate } from '@pydantic/genai-prices';
import { canonicalProvider } from '../../src/prices/provider-names.ts';
import type { Shard } from '../../src/prices/shard.ts';
import { applyOverlay, type Draft, type DraftShard } from './apply-overlay.ts';
import { namesOf, rowsOf } from './convert.ts';
import { overlay } from './overlay/index.ts';

/** The package release the data comes from, and the day it was published (npm). */
export const packageVersion = '0.1.8';
const packageDate = '2026-09-23';

/** What the catalog ships: genai-prices' data in our units, corrected and completed by our overlay. */
export async function buildShards(): Promise<Shard[]> {
  const providers = await waitForUpdate();
  if (providers === null) throw new Error('genai-prices gave no data.');
  const drafts = providers.map(draftShard);
  for (const entry of overlay) {
    const shard = drafts.find(({ provider }) => provider === entry.provider);
    if (shard === undefined) throw new Error(`The overlay names the unknown provider ${entry.provider}.`);
    applyOverlay(shard, entry);
  }
  return drafts.map(finished).sort((a, b) => (a.provider < b.provider ? -1 : 1));
}

type Provider = NonNullable<Awaited<ReturnType<typeof waitForUpdate>>>[number];

function draftShard(provider: Provider): DraftShard {
  const overlaid = new Set(
    overlay
      .filter((entry) => entry.provider === canonicalProvider(provider.id) && entry.rows)
      .flatMap(({ models }) => (Array.isArray(models) ? (models as readonly string[]) : [])),
  );
  const drafts = new Map<string, Draft>();
  const named = provider.models.map((model) => ({
    model,
    id: model.id.toLowerCase(),
    names: namesOf(model),
  }));
  const exact = new Set(named.flatMap(({ names }) => names.exact));
  const claimed = new Map<string, string>();
  for (const { model, id, names } of named) {
    const rows = overlaid.has(id) ? [] : rowsOf(model);
    if (rows === null) continue;
    const partial = names.partial.filter((name) => !exact.has(name));
    for (const name of [...names.exact, ...partial]) {
      const other = claimed.get(name);
      if (other !== undefined && other !== id)
        throw new Error(`${provider.id}: ${name} is both ${other} and ${id}.`);
      claimed.set(name, id);
    }
    drafts.set(id, { model: id, names: new Set([...names.exact, ...partial]), rows });
  }
  return {
    provider: canonicalProvider(provider.id),
    fallbacks: (provider.fallback_model_providers ?? []).map(canonicalProvider),
    sources: [
      {
        name: 'genai-prices',
        url: provider.pricing_urls?.[0] ?? 'https://github.com/pydantic/genai-prices',
        recorded: packageDate,
        checked: packageDate,
      },
    ],
    drafts,
  };
}

function finished({ provider, fallbacks, sources, drafts }: DraftShard): Shard {
  const models = [...drafts.values()]
    .sort((a, b) => (a.model < b.model ? -1 : 1))
    .map(({ model, names, rows }) =>
      JSON.stringify([model, [...names].filter((name) => name !== model).sort(), rows]),
    );
  return { provider, fallbacks, sources, models };
}
