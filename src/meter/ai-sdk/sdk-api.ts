/** Whose API a model of the AI SDK speaks. */
export interface SdkApi {
  readonly provider: string;
  readonly api:
    | 'chat.completions'
    | 'completions'
    | 'responses'
    | 'messages'
    | 'generateContent'
    | 'embeddings';
  readonly endpoint: string;
}

const endpoints: Readonly<Record<SdkApi['api'], string>> = {
  'chat.completions': '/v1/chat/completions',
  completions: '/v1/completions',
  responses: '/v1/responses',
  messages: '/v1/messages',
  generateContent: '/v1beta/models:generateContent',
  embeddings: '/v1/embeddings',
};

/** Names that the AI SDK's providers give themselves, where the catalog has another one. */
const providerNames: Readonly<Record<string, string>> = {
  vertex: 'google-vertex',
  'amazon-bedrock': 'aws-bedrock',
  togetherai: 'together',
};

/** `openai.responses`, `anthropic.messages`, `google.generative-ai`: a provider and the API that it speaks. */
export function sdkApi(sdkProvider: string): SdkApi {
  const [first = '', ...rest] = sdkProvider.split('.');
  const api = apiOf(first, rest);
  return { provider: providerNames[first] ?? first, api, endpoint: endpoints[api] };
}

function apiOf(provider: string, rest: readonly string[]): SdkApi['api'] {
  if (rest.includes('responses')) return 'responses';
  if (rest.includes('messages') || provider === 'anthropic') return 'messages';
  if (
    rest.includes('generative-ai') ||
    provider === 'google' ||
    (provider === 'vertex' && !rest.includes('anthropic'))
  ) {
    return 'generateContent';
  }
  if (rest.includes('embedding')) return 'embeddings';
  return rest.includes('completion') ? 'completions' : 'chat.completions';
}
