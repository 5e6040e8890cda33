/** Other spellings of the providers in the catalog: SDKs, gateways and price files each have their own. */
const canonicalNames: Readonly<Record<string, string>> = {
  'amazon-bedrock': 'bedrock',
  aws: 'bedrock',
  'aws-bedrock': 'bedrock',
  azure_ai: 'azure',
  'azure-openai': 'azure',
  azureopenai: 'azure',
  cohere_chat: 'cohere',
  fireworks_ai: 'fireworks',
  'fireworks-ai': 'fireworks',
  gemini: 'google',
  'google-ai': 'google',
  'google-gemini': 'google',
  'google-vertex': 'google',
  kimi: 'moonshotai',
  'mistral-ai': 'mistral',
  mistralai: 'mistral',
  moonshot: 'moonshotai',
  'moonshot-ai': 'moonshotai',
  'open-ai': 'openai',
  'together-ai': 'together',
  together_ai: 'together',
  togetherai: 'together',
  vertex: 'google',
  vertex_ai: 'google',
  vertexai: 'google',
  voyage: 'voyageai',
  'x-ai': 'xai',
  'z-ai': 'zai',
  zhipu: 'zhipuai',
};

/** The name under which the catalog keeps a provider; a name it does not know comes back in lower case. */
export function canonicalProvider(name: string): string {
  const lower = name.trim().toLowerCase();
  return Object.hasOwn(canonicalNames, lower) ? canonicalNames[lower]! : lower;
}

/** Whose model an id without provider is; the patterns are the makers' own naming. */
const makers: readonly (readonly [provider: string, RegExp])[] = [
  [
    'openai',
    /^(ft:)?(gpt-|chatgpt-|o[134](-|$)|text-embedding-|text-davinci|davinci-|babbage-|whisper-1|tts-|codex-|computer-use|omni-moderation|text-moderation|gpt4|sora-)/,
  ],
  ['anthropic', /^claude-/],
  ['google', /^(gemini-|models\/|learnlm-|imagen-|veo-)/],
  ['mistral', /^(mistral-|ministral-|codestral|devstral|magistral|pixtral|voxtral|open-mi[sx]tral)/],
  ['cohere', /^(command(-|$)|embed-v|rerank-|c4ai-)/],
  ['deepseek', /^deepseek-/],
  ['xai', /^grok-/],
  ['perplexity', /^sonar(-|$)/],
  ['moonshotai', /^(kimi-|moonshot-)/],
  ['minimax', /^(minimax-|abab)/],
  ['voyageai', /^voyage-/],
  [
    'bedrock',
    /^((us|us-gov|eu|apac|au|ca|in|jp|global)\.)?(amazon|anthropic|meta|mistral|cohere|ai21|deepseek|openai|qwen|writer|nvidia|google)\.|^arn:aws/,
  ],
  ['fireworks', /^accounts\/fireworks\//],
  ['cloudflare', /^@cf\//],
  ['cursor', /^composer-/],
];

/** The provider whose own naming an id follows; null when it is nobody's in particular. */
export function makerOf(model: string): string | null {
  return makers.find(([, pattern]) => pattern.test(model))?.[0] ?? null;
}
