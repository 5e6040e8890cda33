import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeText, html } from './html.ts';

const texts: readonly (readonly [string, string, string])[] = [
  ['markup', '<script>alert("1")</script>', '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;'],
  ['an attribute’s end', `' onload='x`, '&#39; onload=&#39;x'],
  ['an entity', '&lt;', '&amp;lt;'],
  ['a reordering mark', 'gpt\u202e4o', 'gpt⟨U+202E⟩4o'],
  ['isolates', '\u2066x\u2069', '⟨U+2066⟩x⟨U+2069⟩'],
  ['nothing to see', 'a\u200bb\u00adc\ufeffd', 'a⟨U+200B⟩b⟨U+00AD⟩c⟨U+FEFF⟩d'],
  ['controls', 'a\u0000b\u001bc\u009b', 'a⟨U+0000⟩b⟨U+001B⟩c⟨U+009B⟩'],
  ['half a surrogate pair', 'a\ud800b', 'a⟨U+D800⟩b'],
  ['tag characters', 'a\u{e0041}', 'a⟨U+E0041⟩'],
  ['letters of all the world', 'Grüße 漢字 🌍', 'Grüße 漢字 🌍'],
];
for (const [what, text, expected] of texts) {
  test(`${what} is shown as what it is`, () => assert.equal(escapeText(text), expected));
}

test('what is put into a template is escaped once, Html and lists of it not again', () => {
  const cell = html`<td>${'<b>'}</td>`;
  assert.equal(
    html`<tr>${[cell, cell]}${null}${undefined}${0}${7n}</tr>`.html,
    '<tr><td>&lt;b&gt;</td><td>&lt;b&gt;</td>07</tr>',
  );
});
