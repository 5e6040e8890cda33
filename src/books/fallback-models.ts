import { NanocentError } from '../errors/error.ts';

/** Throws config_invalid, naming the model whose list is none. */
export function parseFallbackModels(value: unknown): Readonly<Record<string, readonly string[]>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('fallbackModels', 'is not an object');
  }
  for (const [model, others] of Object.entries(value)) {
    const good = Array.isArray(others) && others.every((other) => typeof other === 'string' && other !== '');
    if (!good) throw invalid(`fallbackModels.${model}`, 'is not a list of model names');
  }
  return value as Readonly<Record<string, readonly string[]>>;
}

function invalid(key: string, what: string): NanocentError {
  return new NanocentError('config_invalid', `${key} ${what}`, {
    field: key,
    fix: 'write { "gpt-4o": ["gpt-4o-mini"] }',
  });
}
