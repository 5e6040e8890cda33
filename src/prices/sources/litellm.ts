import type { Rate } from '../../money/index.ts';
import type { CatalogModel } from '../catalog-index.ts';
import { isTokenUnit } from '../charge.ts';
import type { ContextTier, Price, UnitName } from '../price.ts';
import { canonicalProvider } from '../provider-names.ts';
import { fingerprint } from '../shard.ts';
import { Entry, invalid, type PriceFile, parseFile } from './entry.ts';

/** LiteLLM's fields, USD per single unit, as our units. Any other field is not a price we have a count for. */
const units: Readonly<Record<string, UnitName>> = {
  input_cost_per_token: 'input',
  output_cost_per_token: 'output',
  cache_read_input_token_cost: 'cacheRead',
  cache_creation_input_token_cost: 'cacheWrite',
  cache_creation_input_token_cost_above_1hr: 'cacheWrite1h',
  input_cost_per_audio_token: 'inputAudio',
  output_cost_per_audio_token: 'outputAudio',
  cache_read_input_audio_token_cost: 'cacheReadAudio',
  input_cost_per_image_token: 'inputImage',
  cache_read_input_image_token_cost: 'cacheReadImage',
  output_cost_per_image_token: 'outputImage',
  output_cost_per_reasoning_token: 'reasoning',
  input_cost_per_second: 'audioSecond',
  input_cost_per_audio_per_second: 'audioSecond',
};

/** Their names of service tiers, as suffixes of field names. */
const tierSuffixes: Readonly<Record<string, string>> = {
  batches: 'batch',
  flex: 'flex',
  priority: 'priority',
};

/** One price of an entry, taken apart from its field name: `input_cost_per_token_above_200k_tokens_priority`. */
interface Part {
  readonly unit: UnitName;
  readonly above: number;
  readonly tier: string;
  readonly rate: Rate;
}

/**
 * LiteLLM's `model_prices_and_context_window.json` (MIT): USD per token, tiers and service tiers in field names, no
 * dates. Entries without an input price per token or second are left out (images by piece and the like).
 * Throws price_file_invalid.
 */
export function parseLiteLlm(file: PriceFile): CatalogModel[] {
  const root = new Entry(file.name, 'of the file', parseFile(file));
  const models = root.keys
    .filter((key) => key !== 'sample_spec')
    .flatMap((key) => modelOf(file, new Entry(file.name, key, root.value(key)), key) ?? []);
  if (models.length === 0) {
    throw invalid(
      file.name,
      null,
      null,
      'has no prices',
      'Give LiteLLM’s model_prices_and_context_window.json.',
    );
  }
  return models;
}

function modelOf(file: PriceFile, entry: Entry, key: string): CatalogModel | null {
  const named = entry.optionalText('litellm_provider');
  if (named === null) return null;
  const provider = providerOf(named);
  const parts = entry.keys.flatMap((field) => partOf(entry, field) ?? []);
  const standard = tiersOf(parts, '');
  if (!['input', 'audioSecond'].some((unit) => standard[0]?.rates[unit] !== undefined)) return null;
  const slash = key.indexOf('/');
  const model = (
    slash > 0 && providerOf(key.slice(0, slash)) === provider ? key.slice(slash + 1) : key
  ).toLowerCase();
  const serviceTiers = Object.values(tierSuffixes)
    .map((tier): [string, ContextTier[]] => [tier, knownPart(tiersOf(parts, tier), standard)])
    .filter(([, tiers]) => tiers[0]?.rates.input !== undefined);
  const price = {
    tiers: standard,
    serviceTiers: Object.fromEntries(serviceTiers),
    regions: regionsOf(entry),
  };
  const content = JSON.stringify(price, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
  const checked = new Date(file.recordedAt).toISOString().slice(0, 10);
  const row: Price = {
    id: `${provider}/${model}@0#litellm:${fingerprint(content)}`,
    provider,
    model,
    ...price,
    from: null,
    to: null,
    recordedAt: file.recordedAt,
    source: { name: 'litellm', url: file.name, checked },
  };
  return { provider, model, aliases: [], prices: [row] };
}

/** `vertex_ai-language-models` is Google, `text-completion-openai` OpenAI. */
function providerOf(name: string): string {
  const plain = name
    .replace(/^text-completion-/, '')
    .replace(/^(vertex_ai)-.*$/, '$1')
    .replace(/^bedrock_.*$/, 'bedrock');
  return canonicalProvider(plain);
}

function partOf(entry: Entry, field: string): Part | null {
  const tiered = /^(.+?)(?:_above_(\d+)k_tokens)?(?:_(batches|flex|priority))?$/.exec(field);
  const unit = tiered === null ? undefined : units[tiered[1]!];
  if (tiered === null || unit === undefined) return null;
  const rate = entry.ratePerUnit(field);
  if (rate === null) return null;
  if (isTokenUnit(unit)) entry.tokenRate(field, rate);
  const above = Number(tiered[2] ?? 0) * 1_000; // count: tokens
  return { unit, above, tier: tierSuffixes[tiered[3] ?? ''] ?? '', rate };
}

/** A unit without a price of its own above a threshold keeps the one below it. */
function tiersOf(parts: readonly Part[], tier: string): ContextTier[] {
  const own = parts.filter((part) => part.tier === tier);
  const starts = [...new Set(own.map(({ above }) => above))].sort((a, b) => a - b);
  return starts.map((start, index) => {
    const upTo = own.filter(({ above }) => above <= start).sort((a, b) => a.above - b.above);
    const rates = Object.fromEntries(upTo.map(({ unit, rate }) => [unit, rate]));
    return { inputTokensMax: starts[index + 1] ?? null, rates };
  });
}

/** A service tier without long-context prices, where the standard has them, says nothing about long requests. */
function knownPart(tiers: readonly ContextTier[], standard: readonly ContextTier[]): ContextTier[] {
  const bound = tiers.length < standard.length ? standard[tiers.length - 1]?.inputTokensMax : null;
  return tiers.map((tier, index) =>
    index === tiers.length - 1 ? { ...tier, inputTokensMax: bound ?? null } : tier,
  );
}

function regionsOf(entry: Entry): Price['regions'] {
  const regions: Record<string, readonly [bigint, bigint]> = {};
  for (const region of ['us', 'eu']) {
    const multiplier = entry.decimal(`regional_processing_uplift_multiplier_${region}`);
    if (multiplier === null) continue;
    const fraction = /^(\d{1,3})(?:\.(\d{1,4}))?$/.exec(multiplier);
    if (fraction === null) {
      throw entry.complaint(
        `regional_processing_uplift_multiplier_${region}`,
        'is no multiplier',
        'Write 1.1.',
      );
    }
    const decimals = fraction[2] ?? '';
    regions[region] = [BigInt(fraction[1]! + decimals), 10n ** BigInt(decimals.length)];
  }
  return regions;
}
