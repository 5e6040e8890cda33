import type { WireFormat } from '../format.ts';
import { bedrockConverse } from './bedrock-converse.ts';
import { bedrockInvoke } from './bedrock-invoke.ts';
import { cohereChat, cohereEmbed, cohereRerank } from './cohere.ts';
import { compatibleChat, geminiChat, namedCompatible } from './compatible-chat.ts';
import { deepseekChat } from './deepseek.ts';
import { geminiGenerateContent, vertexGenerateContent } from './gemini.ts';
import { geminiInteractions } from './gemini-interactions.ts';
import { groqChat } from './groq.ts';
import { mistralChat, mistralTranscription } from './mistral.ts';
import { ollamaChat, ollamaEmbed, ollamaGenerate } from './ollama.ts';
import { openrouterChat, openrouterResponses } from './openrouter.ts';
import { perplexityChat, perplexityResponses } from './perplexity.ts';
import { xaiChat, xaiResponses } from './xai.ts';

/** Every format but OpenAI's and Anthropic's own; the order is that of the registry, the more particular first. */
export const otherProviders: readonly WireFormat[] = [
  bedrockInvoke,
  bedrockConverse,
  vertexGenerateContent,
  geminiGenerateContent,
  geminiInteractions,
  cohereChat,
  cohereEmbed,
  cohereRerank,
  ollamaChat,
  ollamaGenerate,
  ollamaEmbed,
  xaiResponses,
  openrouterResponses,
  xaiChat,
  openrouterChat,
  groqChat,
  deepseekChat,
  perplexityChat,
  perplexityResponses,
  mistralTranscription,
  mistralChat,
  geminiChat,
  ...namedCompatible,
  compatibleChat,
];
