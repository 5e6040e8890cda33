import type { Books } from '../books/books.ts';
import { costLimitOver } from '../core/blind-spend.ts';
import { holdRequest } from '../core/hold.ts';
import { NanocentError } from '../errors/error.ts';
import { ModelPricingNotFoundError } from '../errors/named.ts';
import { nearest } from '../errors/nearest.ts';
import { type LlmAttribution, LlmModel } from './model.ts';
import { assertProviders, configuredProviders, type LlmProvider } from './provider.ts';

/** Which models a purpose may use, or every purpose. */
export interface ModelRules {
  /** Used where no model is named. */
  readonly default?: string;
  /** Only these, where given. */
  readonly allow?: readonly string[];
  /** Never these, whatever allows them. */
  readonly block?: readonly string[];
}

/** The models of one purpose, and the keys that its calls use. */
export interface PurposeRules extends ModelRules {
  /** Keys of its own by provider, so that a provider's bill shows it apart. */
  readonly keys?: Readonly<Record<string, string>>;
}

/** Which models may be called, where, and for whom. */
export interface LlmOptions {
  /** Those of the configuration, then OpenAI, Anthropic and Gemini as the environment names them, when left out. */
  readonly providers?: readonly LlmProvider[];
  /** The configuration's when left out, as are the purposes'. */
  readonly models?: ModelRules;
  readonly purposes?: Readonly<Record<string, PurposeRules>>;
  /** Who the calls are for. */
  readonly attribution?: LlmAttribution;
  /** What carries the calls; the global fetch when left out. */
  readonly fetch?: typeof fetch;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export interface ModelWish {
  readonly purpose?: string;
}

/** Models of the configured providers, whose every prompt is set aside first and booked after. */
export class LlmWrapper {
  readonly #books: Books;
  readonly #options: LlmOptions;
  readonly #providers: readonly LlmProvider[];

  /** Throws config_invalid for a provider that cannot be called. */
  constructor(books: Books, options: LlmOptions = {}) {
    this.#books = books;
    const { settings } = books;
    this.#options = { models: settings.models, purposes: settings.purposes(), ...options };
    this.#providers =
      options.providers ?? configuredProviders(settings.providers(), options.environment ?? process.env);
    assertProviders(this.#providers);
  }

  /**
   * Every model that may be called, by provider and name. Lists compose: a model must pass the general rules and those of its
   * purpose. One without a price is left out where a cost limit would refuse it.
   */
  async getAsyncModels(wish: ModelWish = {}): Promise<readonly LlmModel[]> {
    const found: LlmModel[] = [];
    for (const provider of this.#providers) {
      await this.#books.context.catalog.ready({ provider: provider.name });
      for (const id of this.#idsOf(provider)) {
        if (this.#denial(id, wish.purpose) === null && (await this.#mayBeCalled(provider, id, wish.purpose)))
          found.push(this.#model(provider, id, wish.purpose));
      }
    }
    return found;
  }

  /**
   * One model, or the default of its purpose, or the general one. Throws field_missing where there is no default, model_unknown
   * for one that no provider has, model_not_allowed, and ModelPricingNotFoundError where a cost limit would be spent blindly.
   */
  async getAsyncModel(id?: string, wish: ModelWish = {}): Promise<LlmModel> {
    const { models, purposes } = this.#options;
    const wanted = id ?? (wish.purpose ? purposes?.[wish.purpose]?.default : undefined) ?? models?.default;
    if (wanted === undefined) {
      throw new NanocentError('field_missing', 'no model is named, and there is no default', {
        field: 'model',
      });
    }
    const denial = this.#denial(wanted, wish.purpose);
    if (denial !== null) throw denial;
    const provider = await this.#providerOf(wanted);
    if (await this.#mayBeCalled(provider, wanted, wish.purpose))
      return this.#model(provider, wanted, wish.purpose);
    throw new ModelPricingNotFoundError(
      `no price is known for ${provider.name}/${wanted}, and a cost limit may not be spent blindly`,
      {
        field: 'model',
      },
    );
  }

  #model(provider: LlmProvider, id: string, purpose: string | undefined): LlmModel {
    const own = purpose ? this.#options.purposes?.[purpose]?.keys?.[provider.name] : undefined;
    return new LlmModel({
      books: this.#books,
      provider: own === undefined ? provider : { ...provider, key: own },
      id,
      purpose: purpose ?? null,
      attribution: this.#options.attribution ?? {},
      fetch: this.#options.fetch,
    });
  }

  #denial(id: string, purpose: string | undefined): NanocentError | null {
    const rules = [this.#options.models, purpose ? this.#options.purposes?.[purpose] : undefined];
    const isDefault = rules.some((rule) => rule?.default === id);
    const blocked = rules.some((rule) => rule?.block?.includes(id));
    const left = !isDefault && rules.some((rule) => rule?.allow && !rule.allow.includes(id));
    if (!blocked && !left) return null;
    const place = purpose ? ` for purpose ${purpose}` : '';
    return new NanocentError('model_not_allowed', `model ${id} is not allowed${place}`, { field: 'model' });
  }

  async #providerOf(id: string): Promise<LlmProvider> {
    const known: string[] = [];
    for (const provider of this.#providers) {
      await this.#books.context.catalog.ready({ provider: provider.name });
      const ids = this.#idsOf(provider);
      if (ids.includes(id) || (provider.models === undefined && this.#priced(provider, id))) return provider;
      known.push(...ids);
    }
    const near = nearest(id, known);
    throw new NanocentError('model_unknown', `no configured provider has a model ${id}`, {
      field: 'model',
      ...(near ? { fix: `did you mean ${near}?` } : {}),
    });
  }

  #idsOf(provider: LlmProvider): readonly string[] {
    return provider.models ?? this.#books.context.catalog.models(provider.name).map(({ model }) => model);
  }

  #priced(provider: LlmProvider, model: string): boolean {
    const at = this.#books.context.clock.now();
    return this.#books.context.catalog.find({ model, provider: provider.name, at }).outcome === 'found';
  }

  async #mayBeCalled(provider: LlmProvider, model: string, purpose: string | undefined): Promise<boolean> {
    if (this.#priced(provider, model) || this.#books.context.unpriced === 'allow') return true;
    const { context } = this.#books;
    const who = { ...this.#options.attribution, ...(purpose ? { purpose } : {}), provider: provider.name };
    const { expiry } = holdRequest(context, { ...who, model, nanocents: 0n });
    return (await costLimitOver(context, expiry)) === null;
  }
}
