export { LlmConversation } from './conversation.ts';
export type { LlmMessage, LlmTool } from './message.ts';
export { type LlmAttribution, LlmModel, type PromptInput, type ReservedPromptInput } from './model.ts';
export { type LlmApi, type LlmProvider, llmProvidersFrom } from './provider.ts';
export { LlmResponse } from './response.ts';
export { LlmTransaction } from './transaction.ts';
export { type LlmOptions, LlmWrapper, type ModelRules, type PurposeRules } from './wrapper.ts';
