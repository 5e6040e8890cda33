import { countTokens, type TokenCount } from '../usage/count-tokens.ts';
import { readInput } from './input-text.ts';
import type { Shell } from './shell.ts';
import { counted, visible } from './text.ts';

/** The tokens of a file or of the standard input, said to a person with how they were counted. */
export async function countInput(
  shell: Shell,
  { option, name, model }: { readonly option: string; readonly name: string; readonly model: string },
): Promise<TokenCount> {
  const text = (await readInput(shell, name, option)).toString('utf8');
  const count = await countTokens(text, { model });
  const how = count.isEstimate ? `an estimate: ${visible(model)} has a tokenizer of its own, this is ` : '';
  shell.note(shell.noteStyle.dim(`${option}: ${counted(count.tokens, 'token')} (${how}${count.encoding})`));
  return count;
}
