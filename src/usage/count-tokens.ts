import { NanocentError } from '../errors/error.ts';

/** What a text comes to, counted here and not by a provider. */
export interface TokenCount {
  readonly tokens: number;
  readonly encoding: Encoding;
  /**
   * The model's own tokenizer is not public, or not known here: it may count a fifth more or less, and more than that for
   * other scripts and code.
   */
  readonly isEstimate: boolean;
}

/** The encodings that texts can be counted in. */
export type Encoding = 'o200k_base' | 'cl100k_base';

/** Larger texts are no prompt. */
const charactersMax = 16_000_000;
/** The tokenizer's time grows with the square of an unbroken run; longer ones are cut, at a token or so a cut. */
const runCharactersMax = 4_000;
const longRun = new RegExp(`\\S{${runCharactersMax}}|\\s{${runCharactersMax}}`, 'gu');

/**
 * Tokens of a text alone: a chat request adds some for each message, tool and image, which only its provider knows. Exact
 * for OpenAI's models, an estimate for all others. The tokenizer (`gpt-tokenizer`, an optional peer) is loaded at the
 * first call, which takes about 0.3 s. Throws driver_missing without it, field_invalid for a text that is too long.
 */
export async function countTokens(text: string, options: { readonly model: string }): Promise<TokenCount> {
  if (text.length > charactersMax) {
    throw new NanocentError(
      'field_invalid',
      `a text of ${text.length} characters is too long to be counted`,
      {
        field: 'text',
        fix: `give at most ${charactersMax} characters at once`,
      },
    );
  }
  const { encoding, isOwn } = encodingOf(options.model);
  const { countTokens: count } = await tokenizer(encoding);
  let tokens = 0;
  let pieces = 0;
  for (const piece of cut(text)) {
    // Words such as <|endoftext|> inside a text are text.
    tokens += count(piece, { disallowedSpecial: new Set() });
    pieces += 1;
  }
  return { tokens, encoding, isEstimate: !isOwn || pieces > 1 };
}

function* cut(text: string): Generator<string> {
  let from = 0;
  for (const run of text.matchAll(longRun)) {
    const end = run.index + run[0].length;
    yield text.slice(from, end);
    from = end;
  }
  if (from < text.length || from === 0) yield text.slice(from);
}

/**
 * OpenAI's models by the encodings that its tokenizer library publishes for them:
 * https://github.com/openai/tiktoken/blob/main/tiktoken/model.py (checked 2026-11-22).
 */
const families: readonly (readonly [RegExp, Encoding])[] = [
  [/^(gpt-4o|chatgpt-4o|gpt-4\.[15]|gpt-5|gpt-oss|o[134])(?![\da-z])/, 'o200k_base'],
  [/^(gpt-4|gpt-3\.5|text-embedding-(3|ada)|davinci-002|babbage-002)(?![\da-z])/, 'cl100k_base'],
];

function encodingOf(model: string): { readonly encoding: Encoding; readonly isOwn: boolean } {
  const id = model.trim().toLowerCase().replace(/^ft:/, '').replace(/^.*\//, '');
  const family = families.find(([pattern]) => pattern.test(id));
  return { encoding: family?.[1] ?? 'o200k_base', isOwn: family !== undefined };
}

interface Tokenizer {
  countTokens(text: string, options: { readonly disallowedSpecial: ReadonlySet<string> }): number;
}

async function tokenizer(encoding: Encoding): Promise<Tokenizer> {
  try {
    return (await (encoding === 'cl100k_base'
      ? import('gpt-tokenizer/encoding/cl100k_base')
      : import('gpt-tokenizer/encoding/o200k_base'))) as Tokenizer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new NanocentError(
      'driver_missing',
      'counting tokens needs the package gpt-tokenizer, which is not installed',
      {
        fix: 'npm install gpt-tokenizer@4, beside nanocent',
        cause: error,
      },
    );
  }
}
