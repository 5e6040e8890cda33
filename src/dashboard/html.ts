/** HTML that is safe to send: text in it has been escaped. */
export interface Html {
  readonly html: string;
}

/** `html\`<td>${model}</td>\``: what is put in is escaped, unless it is Html itself. Lists are joined. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return { html: parts.reduce((text, part, index) => `${text}${rendered(values[index - 1])}${part}`) };
}

export type HtmlValue = Html | string | number | bigint | null | undefined | readonly Html[];

function rendered(value: HtmlValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return escapeText(String(value));
  return 'html' in value ? value.html : value.map((one) => one.html).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Text for element content and quoted attributes. Characters that hide or reorder what stands around them are
 * spelled out, so that a name cannot pass for another one.
 */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!).replace(unseen, spelledOut);
}

/** Controls, formatting and bidirectional marks, line separators, half surrogate pairs, and what shows as nothing. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

function spelledOut(character: string): string {
  return `⟨U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}
