import { NanocentError } from '../errors/error.ts';
import type { Subject } from '../ledger/account.ts';
import type { Attribution } from '../store/entry.ts';

/** As callers give it: everything but the model may be left out. */
export interface AttributionInput {
  readonly model: string;
  readonly requestedModel?: string | undefined;
  readonly provider?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly caller?: string | undefined;
  readonly username?: string | undefined;
  readonly project?: string | undefined;
  readonly session?: string | undefined;
  readonly purpose?: string | undefined;
  readonly key?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Characters of one value; a longer one is refused, not cut. */
export const attributionCharactersMax = 256;
const tagsMax = 32;
const tagCharactersMax = 128;

/** Throws field_missing for the model, field_invalid for what is empty, too long or holds a control character. */
export function parseAttribution(input: AttributionInput): Attribution {
  if (typeof input.model !== 'string' || input.model.trim() === '') {
    throw new NanocentError('field_missing', 'model is missing: every call needs the name of its model', {
      field: 'model',
      fix: 'give the model as the provider names it, for example gpt-4o',
    });
  }
  const text = (field: Exclude<keyof AttributionInput, 'tags'>) => attributionText(input[field], field);
  return {
    model: text('model')!,
    requestedModel: text('requestedModel'),
    provider: text('provider'),
    endpoint: text('endpoint'),
    caller: text('caller'),
    username: text('username'),
    project: text('project'),
    session: text('session'),
    purpose: text('purpose'),
    key: text('key'),
    tags: parseTags(input.tags ?? {}),
  };
}

/** What limits look at. A model is limited under the name it was asked for. */
export function attributesOf(attribution: Attribution): Subject {
  const attributes: Record<string, string> = { model: attribution.requestedModel ?? attribution.model };
  for (const field of ['provider', 'username', 'caller', 'project', 'session', 'purpose', 'key'] as const) {
    const value = attribution[field];
    if (value !== null) attributes[field] = value;
  }
  for (const [name, value] of Object.entries(attribution.tags)) attributes[`tag:${name}`] = value;
  return attributes;
}

/** Null where it is left out. Throws field_invalid for what is empty, too long or holds a control character. */
export function attributionText(
  value: unknown,
  field: string,
  charactersMax = attributionCharactersMax,
): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') {
    throw new NanocentError('field_invalid', `${field} must be text, not ${typeof value}`, { field });
  }
  if (value === '') {
    throw new NanocentError('field_invalid', `${field} is empty`, {
      field,
      fix: `leave ${field} out instead`,
    });
  }
  if (value.length > charactersMax) {
    throw new NanocentError(
      'field_invalid',
      `${field} has ${value.length} characters, more than ${charactersMax}`,
      {
        field,
      },
    );
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(value) || !value.isWellFormed()) {
    throw new NanocentError('field_invalid', `${field} holds a control character or half a surrogate pair`, {
      field,
    });
  }
  return value;
}

function parseTags(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const names = Object.keys(tags);
  if (names.length > tagsMax) {
    throw new NanocentError('field_invalid', `${names.length} tags, more than ${tagsMax}`, { field: 'tags' });
  }
  const parsed: Record<string, string> = Object.create(null);
  for (const name of names) {
    if (!/^[\w.:/-]{1,128}$/.test(name) || name === '__proto__') {
      throw new NanocentError(
        'field_invalid',
        `tag name ${JSON.stringify(name.slice(0, 40))} is not allowed`,
        {
          field: 'tags',
          fix: 'use letters, digits and _ . : / -, at most 128 of them',
        },
      );
    }
    parsed[name] = attributionText(tags[name], `tags.${name}`, tagCharactersMax)!;
  }
  return { ...parsed };
}
