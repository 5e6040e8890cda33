import type { AttributionInput } from '../core/attribution.ts';
import { NanocentError } from '../errors/error.ts';
import type { EntryFilter } from '../store/query.ts';
import type { Arguments } from './arguments.ts';
import { visible } from './text.ts';

/** Who and what a call is for, from the options. Throws field_missing for the model. */
export function attributionFrom(given: Arguments): AttributionInput {
  return {
    model: given.required('model', 'give the model as its provider names it, for example --model gpt-4o'),
    provider: given.text('provider'),
    username: given.text('username'),
    caller: given.text('caller-name'),
    project: given.text('project'),
    session: given.text('session'),
    purpose: given.text('purpose'),
    endpoint: given.text('endpoint'),
    ...(given.has('tag') ? { tags: tagsFrom(given.texts('tag')) } : {}),
  };
}

export function tagsFrom(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw new NanocentError('field_invalid', `--tag ${visible(text)} is not NAME=VALUE`, {
        field: '--tag',
        fix: 'write it as --tag team=search',
      });
    }),
  );
}

const filters = {
  model: 'model',
  provider: 'provider',
  username: 'username',
  'caller-name': 'caller',
  project: 'project',
  session: 'session',
  purpose: 'purpose',
  key: 'key',
} as const;

export function filterFrom(given: Arguments): EntryFilter {
  const pairs = Object.entries(filters).flatMap(([option, field]) => {
    const value = given.text(option);
    return value === undefined ? [] : [[field, value]];
  });
  return Object.fromEntries(pairs);
}
