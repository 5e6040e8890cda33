import { NanocentError } from '../errors/error.ts';
import type { Shape, Table } from './shape.ts';

type Fields = Readonly<Record<string, unknown>>;

const text: Shape = { kind: 'text' };
const texts: Shape = { kind: 'list', of: text };
const amount: Shape = { kind: 'amount' };
const orNull: Shape = { kind: 'either', of: [amount, { kind: 'null' }] };
const table = (fields: Readonly<Record<string, Shape>>): Table => ({ kind: 'table', fields });
const map = (name: string, of: Shape): Shape => ({ kind: 'map', name, of });
const reservation = table({ reservation_usd: amount, reservation_nanocents: amount });

/** What the Datasette plug-ins of before read under `plugins`; the words of upstream, value for value. */
export const seedPlugins: Table = table({
  'datasette-llm-usage': table({
    database: text,
    log_prompts: { kind: 'flag' },
    allowances: { kind: 'list', of: table({ provider: text, daily_reset_amount: orNull }) },
    models: {
      kind: 'list',
      of: table({
        provider: text,
        model_id: text,
        tiers: { kind: 'list', of: table({ max_tokens: orNull, input_cost: amount, output_cost: amount }) },
      }),
    },
  }),
  'datasette-llm': table({
    'openai-api-key': { kind: 'secret' },
    default_model: text,
    models: texts,
    blocked_models: texts,
    purposes: map('purpose', table({ model: text, models: texts, blocked_models: texts })),
  }),
  'datasette-llm-accountant': table({
    auto_reservation_nanocents: amount,
    auto_reservation_usd: amount,
    default_reservation_nanocents: amount,
    default_reservation_usd: amount,
    purposes: map('purpose', reservation),
    models: map('model', reservation),
  }),
});

export interface Translated {
  readonly roots: Fields;
  /** What was understood otherwise, or not used. */
  readonly notes: readonly string[];
}

/** The checked root `plugins` in our own words. Throws config_invalid where a root says the same. */
export function withPlugins(roots: Fields, name: string): Translated {
  const { plugins, ...own } = roots;
  if (plugins === undefined || plugins === null) return { roots: own, notes: [] };
  const given = plugins as Readonly<Record<string, Fields | null | undefined>>;
  const usage = given['datasette-llm-usage'] ?? {};
  const accountant = given['datasette-llm-accountant'] ?? {};
  const translated = {
    ...usageRoots(usage),
    ...llmRoots(given['datasette-llm'] ?? {}),
    ...accountantRoots(accountant),
  };
  const twice = Object.keys(translated).find((root) => own[root] !== undefined);
  if (twice !== undefined) {
    throw new NanocentError('config_invalid', `${name}, ${twice} stands beside plugins, which says it too`, {
      field: twice,
      fix: 'keep one of them',
    });
  }
  const notes = [
    usage.database === undefined
      ? null
      : 'plugins.datasette-llm-usage.database is not used: the root store names the ledger',
    has(accountant, 'auto_reservation') && has(accountant, 'default_reservation')
      ? 'plugins.datasette-llm-accountant.default_reservation is not used: a reservation for several prompts names its amount'
      : null,
  ];
  return { roots: { ...own, ...translated }, notes: notes.filter((note) => note !== null) };
}

/** Allowances and credit prices; nothing is estimated: a model without a price stays unpriced. */
function usageRoots({ allowances, models, log_prompts: logs }: Fields): Fields {
  return {
    ...(isThere(allowances) ? { allowances } : {}),
    ...(isThere(models) ? { prices: { models } } : {}),
    ...(isThere(logs) ? { promptLog: logs } : {}),
  };
}

function llmRoots(llm: Fields): Fields {
  const { purposes, 'openai-api-key': key } = llm;
  const general = { ...rulesOf(llm), ...(isThere(llm.default_model) ? { default: llm.default_model } : {}) };
  const byPurpose = mapped(purposes, (one) => ({
    ...rulesOf(one),
    ...(isThere(one.model) ? { default: one.model } : {}),
  }));
  return {
    ...(isThere(key) ? { providers: { openai: { key } } } : {}),
    ...(Object.keys(general).length > 0 ? { models: general } : {}),
    ...(byPurpose === null ? {} : { purposes: byPurpose }),
  };
}

function rulesOf({ models, blocked_models: blocked }: Fields): Fields {
  return { ...(isThere(models) ? { allow: models } : {}), ...(isThere(blocked) ? { block: blocked } : {}) };
}

/** Of both spellings of an amount the nanocents hold, as upstream. */
function accountantRoots(accountant: Fields): Fields {
  const standard = amountIn(accountant, 'auto_reservation') ?? amountIn(accountant, 'default_reservation');
  const models = mapped(accountant.models, (one) => amountIn(one, 'reservation') ?? {});
  const purposes = mapped(accountant.purposes, (one) => amountIn(one, 'reservation') ?? {});
  const reservations = {
    ...(standard === null ? {} : { default: standard }),
    ...(models === null ? {} : { models }),
    ...(purposes === null ? {} : { purposes }),
  };
  return Object.keys(reservations).length > 0 ? { reservations } : {};
}

function amountIn(fields: Fields, name: string): Fields | null {
  const [nanocents, usd] = [fields[`${name}_nanocents`], fields[`${name}_usd`]];
  if (isThere(nanocents)) return { nanocents };
  return isThere(usd) ? { usd } : null;
}

function has(fields: Fields, name: string): boolean {
  return amountIn(fields, name) !== null;
}

function mapped(value: unknown, change: (one: Fields) => Fields): Fields | null {
  if (!isThere(value)) return null;
  const entries = Object.entries(value as Readonly<Record<string, Fields | null>>);
  return Object.fromEntries(entries.map(([name, one]) => [name, change(one ?? {})]));
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}
