import type { ToolCall } from '../meter/wire/answer-text.ts';

/** One turn of a conversation, in a form that each provider's API can be written from. */
export type LlmMessage =
  | { readonly role: 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string | null; readonly toolCalls: readonly ToolCall[] }
  | { readonly role: 'tool'; readonly call: ToolCall; readonly output: string };

/** A tool that a model may call. */
export interface LlmTool {
  readonly name: string;
  readonly description: string;
  /** JSON schema of its arguments. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Its answer, as text or as anything that JSON can hold. */
  readonly run: (input: unknown) => unknown;
}
