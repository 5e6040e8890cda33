import { selectorFields } from '../limits/limit.ts';
import type { NanocentConfig } from './config.ts';
import { seedPlugins } from './seed-plugins.ts';
import type { Shape, Table } from './shape.ts';

type Fields = Readonly<Record<string, Shape>>;

const text = (about?: string): Shape => ({ kind: 'text', ...said(about) });
const amount = (about?: string): Shape => ({ kind: 'amount', ...said(about) });
const flag = (about?: string): Shape => ({ kind: 'flag', ...said(about) });
const secret = (about?: string): Shape => ({ kind: 'secret', ...said(about) });
const choice = (values: readonly string[], about?: string): Shape => ({
  kind: 'choice',
  values,
  ...said(about),
});
const whole = (min: number, max: number, about?: string): Shape => ({
  ...{ kind: 'number', whole: true, min, max },
  ...said(about),
});
const list = (of: Shape, about?: string): Shape => ({ kind: 'list', of, ...said(about) });
const table = (fields: Fields, about?: string): Table => ({ kind: 'table', fields, ...said(about) });
const map = (name: string, of: Shape, about?: string): Shape => ({ kind: 'map', name, of, ...said(about) });
const either = (of: readonly Shape[], about?: string): Shape => ({ kind: 'either', of, ...said(about) });
const texts = (about?: string) => list(text(), about);

function said(about: string | undefined) {
  return about === undefined ? {} : { about };
}

/** Names that a route of the gateway may begin with. */
const providerName = /^(?!v1$|v1beta$)[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

const providers: Shape = {
  kind: 'map',
  name: 'provider',
  pattern: providerName,
  about:
    'Whose models may be called, by the gateway and by `LlmWrapper`, beside those of the environment (`OPENAI_API_KEY` …)',
  of: table({
    api: choice(
      ['openai', 'anthropic', 'google'],
      'whose API it speaks; known for `openai`, `anthropic`, `google` and `gemini`',
    ),
    baseUrl: text('up to and with its version: `https://api.openai.com/v1`; known for the same'),
    key: secret(
      'left out for `openai`, `anthropic`, `google` and `gemini`: the variable of the environment with its usual name',
    ),
    models: texts('models that may be called; every priced model of the provider when left out'),
    open: flag('true for a server that asks for no key'),
  }),
};

const modelRules: Fields = {
  default: text('used where no model is named'),
  allow: texts('only these, where given'),
  block: texts('never these, whatever allows them'),
};

const rates = (about: string) => map('unit', amount(), about);
const tiers = list(
  table({
    upTo: either([amount(), { kind: 'null' }], 'input tokens, inclusive; null: no bound'),
    rates: rates('USD per million'),
    max_tokens: either([amount(), { kind: 'null' }], 'the same as `upTo`, beside credits'),
    input_cost: amount('credits a token'),
    output_cost: amount('credits a token'),
    cached_input_cost: amount('credits a token'),
  }),
  'by context',
);

const ownPrices: Fields = {
  models: list(
    table({
      provider: text('left out: whoever serves it'),
      model: text(),
      model_id: text('the same as `model`'),
      aliases: texts(),
      from: text('date or instant from which on it holds'),
      to: text('until then, exclusive'),
      rates: rates('USD per million units, by unit: `input`, `output`, `cacheRead` …'),
      tiers,
      serviceTiers: map('service tier', rates('USD per million')),
      regions: map('region', amount('what everything is multiplied with')),
    }),
    'prices of your own',
  ),
  adjustments: list(
    table({ provider: text(), model: text(), markup: text('`"5%"`'), discount: text('`"10%"`') }),
    'percent on top or off; the first that fits holds',
  ),
  basedOn: map(
    'route',
    text(),
    'routes that sell another provider’s models at its prices: `{ my-proxy: openai }`',
  ),
};

const prices = table(
  {
    ...ownPrices,
    unpriced: either(
      [choice(['refuse', 'allow']), table({ rates: rates('USD per million') })],
      'what a model without a price meets under a cost limit, or the price it gets instead',
    ),
    sources: list(
      either([text(), { kind: 'code', what: 'a function' }]),
      'price sources, asked once at the start: modules beside this file, or functions; own prices go before them',
    ),
  },
  'Prices of your own ([prices](prices.md))',
);

const limitFields: Fields = {
  type: text('`cost`, `requests`, `input_tokens`, `output_tokens`, `total_tokens` or `concurrent_requests`'),
  max: amount('USD for cost, else a count; 0 denies, -1 exempts'),
  interval: either(
    [text(), table({ unit: text(), value: amount(), mode: text(), zone: text() })],
    '`day`, `month_rolling`, `lifetime` …',
  ),
  scope: text('told from the fields when left out'),
  zone: text('IANA'),
  enforcement: choice(['hard', 'soft']),
  soft: flag(),
  thresholds: list(either([amount(), text()]), 'percent whose reaching is told'),
  ...Object.fromEntries(selectorFields.map((field) => [field, text()])),
};

const limitWords = map('limit', amount(), '`daily_tokens`, `monthly_cost`, `hourly_requests` …');
const bySubject = (name: string) => map(name, limitWords);

const limits = either(
  [
    text(),
    list(table(limitFields)),
    table({
      global: limitWords,
      models: bySubject('model'),
      users: bySubject('user'),
      callers: bySubject('caller'),
      projects: bySubject('project'),
      providers: bySubject('provider'),
      keys: bySubject('key'),
      tags: bySubject('tag'),
      sessions: bySubject('session'),
      purposes: bySubject('purpose'),
      limits: list(table(limitFields), 'limits with every field'),
      zone: text('IANA zone of the days of all of them'),
    }),
  ],
  'Limits, or the name of a file of them beside this one ([limits](limits.md))',
);

const allowances = list(
  table({
    ...Object.fromEntries([...selectorFields, 'user', 'model_id'].map((field) => [field, text()])),
    daily_reset_amount: either([amount(), { kind: 'null' }], 'credits each day; null: never filled up'),
    credits: amount('of 1,000 nanocents'),
    usd: amount(),
    every: choice(['day', '24h', 'never']),
    zone: text('IANA zone of its days'),
  }),
  'Money that is there again each day ([allowances](allowances.md))',
);

const sizing = choice(['worst', 'estimate', 'fixed']);
const reservation: Fields = { usd: amount(), nanocents: amount() };
const reservations = table(
  {
    sizing,
    default: table(reservation, 'the fixed amount; 50 cents when left out'),
    models: map('model', table({ ...reservation, sizing })),
    purposes: map('purpose', table({ ...reservation, sizing })),
  },
  'How much is set aside for a call ([reservations](reservations.md))',
);

const promptLog = either(
  [
    flag(),
    table({
      models: texts('only calls of these'),
      keys: texts('only calls of these virtual keys'),
      purposes: texts('only calls for these'),
      file: text('an SQLite file of its own, beside this one'),
      retentionDays: { kind: 'number', min: 0, max: 36_500, about: 'older rows are deleted' },
      sizeBytesMax: whole(
        0,
        Number.MAX_SAFE_INTEGER,
        'the newest rows are kept whose texts have so many bytes',
      ),
      encryptionKey: secret('32 bytes in base64 or hex; `NANOCENT_PROMPT_KEY` when left out'),
      redact: {
        kind: 'code',
        what: 'a function',
        about: 'changes what is kept, or answers null to keep nothing',
      },
    }),
  ],
  'Keeps what was said, true for everything ([logs](logs.md)); off when left out',
);

const alerts = either(
  [
    table({
      url: text('http or https'),
      secret: secret('signs them'),
      timeoutMs: whole(1, 600_000, '10 seconds when left out'),
    }),
    { kind: 'code', what: 'a function' },
  ],
  'Where reached thresholds are told: an address, or a function that takes the document ([alerts](alerts.md))',
);

/** Bounds of the gateway, by the unit that their names end with. */
const boundNames = [
  ...['bodyBytesMax', 'bodyDepthMax', 'urlBytesMax', 'headerBytesMax', 'headersMax', 'connectionsMax'],
  ...['answerBytesMax', 'requestHeadersMs', 'requestMs', 'answerStartMs', 'answerIdleMs', 'answerMs'],
  ...['drainsMax', 'drainMs'],
];

const gateway = table(
  {
    host: text('address to listen on; `127.0.0.1` when left out'),
    port: whole(0, 65_535, '0 for any free one; 4141 when left out'),
    bounds: table(
      Object.fromEntries(boundNames.map((name) => [name, whole(1, 1_099_511_627_776)])),
      'of requests, answers and times',
    ),
  },
  'What `nanocent serve` uses where its options say nothing ([gateway](gateway.md))',
);

/** Every root that this version acts on. */
export const configuration: Table = table({
  store: {
    kind: 'location',
    about: 'The ledger: a file beside this one, a URL, or `memory`; options and `NANOCENT_DB_*` go before it',
  },
  zone: text('IANA zone of a new ledger’s days; UTC when left out'),
  providers,
  models: table(modelRules, 'Which models may be asked for'),
  purposes: map(
    'purpose',
    table({
      ...modelRules,
      keys: map('provider', secret(), 'keys of its own, so that the provider’s bill shows it apart'),
    }),
    'The same by purpose; a model must pass both',
  ),
  prices,
  unpriced: choice(
    ['refuse', 'allow'],
    'What a model without a price meets under a cost limit; what `prices` says when left out, else `refuse`',
  ),
  limits,
  allowances,
  reservations,
  fallbackModels: map(
    'model',
    texts(),
    'Models that may take the place of a refused one, in order, for calls that ask for it',
  ),
  accountants: list(
    either([text(), { kind: 'code', what: 'an accountant or a function that makes one' }]),
    'Who else has a say in every reservation: modules beside this file or packages, in order ([accountants](accountants.md))',
  ),
  accountantTimeoutMs: whole(
    100,
    20_000,
    'How long one call of an accountant may take; 10 seconds when left out',
  ),
  promptLog,
  audit: table(
    { everyCall: flag('a prompt and a response for every metered call') },
    'What the audit log gets by itself ([logs](logs.md))',
  ),
  enforceProjects: flag(
    'Calls for a project that is not in the directory are refused ([directory](directory.md))',
  ),
  enforceUsers: flag('The same for users; who was deactivated is refused in any case'),
  alerts,
  gateway,
  plugins: {
    ...seedPlugins,
    about:
      'Configurations of the Datasette plug-ins, as they are ([below](#configurations-of-the-datasette-plug-ins))',
  },
} satisfies Readonly<Record<keyof NanocentConfig, Shape>>);

/** Roots that are part of the format, and that nothing acts on yet. */
export const laterRoots: readonly string[] = ['keys', 'dashboard', 'select'];
