import { attributionCharactersMax } from '../core/attribution.ts';

/** As core/attribution.ts bounds what callers give; what other programs wrote down is cut to fit, not refused. */
const tagsMax = 32;
const tagCharactersMax = 128;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const control = /[\u0000-\u001f\u007f]+/g;
const plain = /^[\u0020-\u007e]+$/;

/** Another program's text as a field of ours: no control characters, bounded, null when nothing is left. */
export function tidy(text: string | null, charactersMax = attributionCharactersMax): string | null {
  if (text === null) return null;
  if (text.length <= charactersMax && plain.test(text) && text[0] !== ' ' && !text.endsWith(' ')) return text;
  const kept = text.replace(control, ' ').trim().slice(0, charactersMax).toWellFormed().trim();
  return kept === '' ? null : kept;
}

/** Names that a tag cannot have and empty values are left out. */
export function tidyTags(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const kept: [string, string][] = [];
  for (const name in tags) {
    const value = tidy(tags[name]!, tagCharactersMax);
    if (value === null || kept.length >= tagsMax || !/^[\w.:/-]{1,128}$/.test(name) || name === '__proto__')
      continue;
    kept.push([name, value]);
  }
  return Object.fromEntries(kept);
}
