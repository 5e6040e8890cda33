import { NanocentError } from '../../errors/error.ts';
import { parseDecimal } from '../../money/decimal.ts';
import { parseRate, parseRatePerToken, type Rate } from '../../money/index.ts';

/** Where a price file comes from and when it was learnt; both end up on every price row. */
export interface PriceFile {
  /** As the user knows it: a path or an address. */
  readonly name: string;
  readonly text: string;
  /** Epoch milliseconds UTC. */
  readonly recordedAt: number;
}

/** Largest price file read: LiteLLM's has 2 MB. */
export const priceFileCharactersMax = 32_000_000;

/** Token prices outside these are a wrong unit, not a price: USD per million, the dearest known is 600. */
const usdPerMillionMax = parseRate('10000');
const usdPerMillionMin = parseRate('0.00001');

/** One object of a price file, read strictly: every complaint names file, entry and field. */
export class Entry {
  readonly file: string;
  readonly label: string;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(file: string, label: string, value: unknown) {
    this.file = file;
    this.label = label;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw invalid(file, label, null, 'is not an object', 'Write an object with named fields.');
    }
    this.fields = value as Record<string, unknown>;
  }

  get keys(): readonly string[] {
    return Object.keys(this.fields);
  }

  value(field: string): unknown {
    return Object.hasOwn(this.fields, field) ? this.fields[field] : undefined;
  }

  /** A non-empty string. */
  text(field: string): string {
    const value = this.value(field);
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
    throw this.complaint(field, 'is missing or not text', 'Give a non-empty string.');
  }

  optionalText(field: string): string | null {
    const value = this.value(field);
    return value === undefined || value === null ? null : this.text(field);
  }

  /** The text of a decimal: price files hold numbers, people may write strings. null when absent. */
  decimal(field: string): string | null {
    const value = this.value(field);
    if (value === undefined || value === null) return null;
    // A JSON number prints as the shortest decimal that reads back as itself, which is how it was written.
    if (typeof value === 'number' && Number.isFinite(value)) return String(value);
    if (typeof value === 'string') return value.trim();
    throw this.complaint(field, 'is no number', 'Give a decimal number such as 0.075.');
  }

  /** USD per million units. */
  rate(field: string): Rate | null {
    const text = this.decimal(field);
    return text === null ? null : this.parsed(field, text, parseRate);
  }

  /** USD per single unit, rounded to one nanocent per million units: machines write a third as 0.0003333333333333333. */
  ratePerUnit(field: string): Rate | null {
    const text = this.decimal(field);
    return text === null ? null : this.parsed(field, text, parseRoundedRate);
  }

  /** A rate of tokens has bounds that a price per second or per search does not have. */
  tokenRate(field: string, rate: Rate | null): Rate | null {
    if (rate === null || rate === 0n || (rate >= usdPerMillionMin && rate <= usdPerMillionMax)) return rate;
    throw this.complaint(
      field,
      'is not a believable token price (0.00001 to 10,000 USD per million)',
      'Check whether the file gives prices per token or per million tokens.',
    );
  }

  /** An ISO date or instant as epoch milliseconds; dates are UTC. null when absent. */
  instant(field: string): number | null {
    const text = this.optionalText(field);
    if (text === null) return null;
    const at = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/.test(text)
      ? Date.parse(text)
      : Number.NaN;
    if (Number.isNaN(at) || !new Date(at).toISOString().startsWith(text.slice(0, 10))) {
      throw this.complaint(field, 'is no date', 'Write 2025-02-08 or 2025-02-08T16:00:00Z.');
    }
    return at;
  }

  complaint(field: string | null, what: string, fix: string): NanocentError {
    return invalid(this.file, this.label, field, what, fix);
  }

  /** What the money room makes of a text; it does not know files, so its complaint goes into ours. */
  parsed(field: string, text: string, parse: (text: string, field: string) => Rate): Rate {
    try {
      return parse(text, field);
    } catch (error) {
      if (!NanocentError.is(error)) throw error;
      throw this.complaint(field, `is no price (${error.message})`, error.fix ?? 'Give a decimal number.');
    }
  }
}

/** The finest rate is one nanocent per million units, the 17th decimal of USD per unit. */
const decimalsMax = 17;

function parseRoundedRate(text: string, field: string): Rate {
  const { digits, decimals } = parseDecimal(text, { exponent: true, code: 'rate_invalid', field });
  if (decimals <= decimalsMax) return parseRatePerToken(text, field);
  const unit = 10n ** BigInt(decimals - decimalsMax);
  return parseRatePerToken(`${(digits + unit / 2n) / unit}e-${decimalsMax}`, field);
}

/** The JSON of a price file. Throws price_file_invalid. */
export function parseFile(file: PriceFile): unknown {
  if (file.text.length > priceFileCharactersMax) {
    throw invalid(
      file.name,
      null,
      null,
      `has more than ${priceFileCharactersMax} characters`,
      'Give a price file.',
    );
  }
  try {
    return JSON.parse(file.text);
  } catch {
    // The engine's message quotes the file's content, which may be anything.
    throw invalid(
      file.name,
      null,
      null,
      'is not JSON',
      'Download the file again; it may be cut or an error page.',
    );
  }
}

export function invalid(
  file: string,
  entry: string | null,
  field: string | null,
  what: string,
  fix: string,
): NanocentError {
  const where = [entry === null ? null : `entry ${entry}`, field === null ? null : `field ${field}`];
  const place = where.filter((part) => part !== null).join(', ');
  return new NanocentError('price_file_invalid', `${file}${place === '' ? '' : `, ${place}`} ${what}.`, {
    ...(field === null ? {} : { field }),
    fix,
    data: { file, entry },
  });
}
