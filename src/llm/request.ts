import type { LlmMessage, LlmTool } from './message.ts';
import type { LlmProvider } from './provider.ts';

export interface LlmRequest {
  readonly model: string;
  readonly system?: string | undefined;
  readonly messages: readonly LlmMessage[];
  readonly tools: readonly Pick<LlmTool, 'name' | 'description' | 'parameters'>[];
  /** Bounds the answer, and with it what is set aside. */
  readonly maxTokens?: number | undefined;
  /** Further members of the provider's own request: `{ temperature: 0 }`. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

export interface HttpRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Anthropic's API asks for a bound; this one where the caller sets none. */
const anthropicTokens = 4_096;

/** The request of a stream, as the provider's API has it. */
export function httpRequest(provider: LlmProvider, request: LlmRequest): HttpRequest {
  switch (provider.api) {
    case 'openai':
      return http(
        provider,
        '/chat/completions',
        { authorization: `Bearer ${provider.key}` },
        openai(request),
      );
    case 'anthropic': {
      const headers = { 'x-api-key': provider.key, 'anthropic-version': '2023-06-01' };
      return http(provider, '/messages', headers, anthropic(request));
    }
    case 'google': {
      const path = `/models/${encodeURIComponent(request.model)}:streamGenerateContent?alt=sse`;
      return http(provider, path, { 'x-goog-api-key': provider.key }, google(request));
    }
  }
}

function http(
  provider: LlmProvider,
  path: string,
  headers: Record<string, string>,
  body: object,
): HttpRequest {
  return {
    url: `${provider.baseUrl}${path}`,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

/** https://developers.openai.com/api/reference/resources/chat (from the researched notes, 2026-11-22) */
function openai({ model, system, messages, tools, maxTokens, options }: LlmRequest): object {
  return {
    model,
    messages: [
      ...(system === undefined ? [] : [{ role: 'system', content: system }]),
      ...messages.map(openaiMessage),
    ],
    ...(tools.length === 0
      ? {}
      : { tools: tools.map((tool) => ({ type: 'function', function: shape(tool) })) }),
    ...(maxTokens === undefined ? {} : { max_completion_tokens: maxTokens }),
    stream: true,
    ...options,
  };
}

function openaiMessage(message: LlmMessage): object {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: message.text };
    case 'assistant': {
      const calls = message.toolCalls.map((call) => ({
        id: call.tool_call_id,
        type: 'function',
        function: { name: call.name, arguments: call.arguments },
      }));
      return {
        role: 'assistant',
        content: message.text,
        ...(calls.length === 0 ? {} : { tool_calls: calls }),
      };
    }
    case 'tool':
      return { role: 'tool', tool_call_id: message.call.tool_call_id, content: message.output };
  }
}

/** https://platform.claude.com/docs/en/api/messages (from the researched notes, 2026-11-22) */
function anthropic({ model, system, messages, tools, maxTokens, options }: LlmRequest): object {
  return {
    model,
    max_tokens: maxTokens ?? anthropicTokens,
    ...(system === undefined ? {} : { system }),
    messages: messages.map(anthropicMessage),
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, parameters }) => ({
            name,
            description,
            input_schema: parameters,
          })),
        }),
    stream: true,
    ...options,
  };
}

function anthropicMessage(message: LlmMessage): object {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: message.text };
    case 'assistant': {
      const text = message.text === null ? [] : [{ type: 'text', text: message.text }];
      const calls = message.toolCalls.map(({ tool_call_id: id, name, arguments: said }) => ({
        type: 'tool_use',
        id,
        name,
        input: inputOf(said),
      }));
      return { role: 'assistant', content: [...text, ...calls] };
    }
    case 'tool': {
      const result = { type: 'tool_result', tool_use_id: message.call.tool_call_id, content: message.output };
      return { role: 'user', content: [result] };
    }
  }
}

/** https://ai.google.dev/api/generate-content (from the researched notes, 2026-11-22) */
function google({ system, messages, tools, maxTokens, options }: LlmRequest): object {
  return {
    contents: messages.map(googleContent),
    ...(system === undefined ? {} : { systemInstruction: { parts: [{ text: system }] } }),
    ...(tools.length === 0 ? {} : { tools: [{ functionDeclarations: tools.map(shape) }] }),
    ...(maxTokens === undefined ? {} : { generationConfig: { maxOutputTokens: maxTokens } }),
    ...options,
  };
}

function googleContent(message: LlmMessage): object {
  switch (message.role) {
    case 'user':
      return { role: 'user', parts: [{ text: message.text }] };
    case 'assistant': {
      const text = message.text === null ? [] : [{ text: message.text }];
      const calls = message.toolCalls.map(({ name, arguments: said }) => ({
        functionCall: { name, args: inputOf(said) },
      }));
      return { role: 'model', parts: [...text, ...calls] };
    }
    case 'tool': {
      const functionResponse = { name: message.call.name, response: { result: message.output } };
      return { role: 'user', parts: [{ functionResponse }] };
    }
  }
}

function shape({ name, description, parameters }: LlmRequest['tools'][number]): object {
  return { name, description, parameters };
}

/** What a model wrote as arguments of a tool; an empty object where it is no JSON. */
export function inputOf(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    return {};
  }
}
