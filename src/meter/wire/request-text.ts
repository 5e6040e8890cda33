type Json = Readonly<Record<string, unknown>>;

/** What was newly said to a model: the turn since its last answer. */
export interface SaidToModel {
  /** Null where the request holds no text. */
  readonly prompt: string | null;
  readonly toolResults: readonly ToolResult[];
}

export interface ToolResult {
  readonly tool_call_id: string | null;
  readonly name: string | null;
  readonly output: string;
}

/** Reads a request's own JSON, whichever provider it is for. What is no text (images, files) is left out. */
export function saidToModel(request: Json): SaidToModel {
  const turn = lastTurn(request);
  const texts: string[] = [];
  const toolResults: ToolResult[] = [];
  for (const message of turn) collect(message, texts, toolResults);
  return { prompt: texts.length === 0 ? null : texts.join('\n'), toolResults };
}

/** Members by which providers and the AI SDK name what is said, in the order in which they are looked for. */
const members = ['messages', 'input', 'contents', 'prompt', 'values'] as const;

function lastTurn(request: Json): readonly unknown[] {
  const said = members.map((name) => request[name]).find((value) => value !== undefined && value !== null);
  if (!Array.isArray(said)) return said === undefined ? [] : [said];
  const answered = said.findLastIndex((item) => isObject(item) && isAnswer(item));
  return said
    .slice(answered + 1)
    .filter((item) => !isObject(item) || !instructing.includes(item.role as string));
}

const instructing = ['system', 'developer'];
const answering = ['assistant', 'model'];
/** Items of the Responses API that the model made. */
const answeringTypes = ['function_call', 'reasoning', 'custom_tool_call'];

function isAnswer({ role, type }: Json): boolean {
  return answering.includes(role as string) || answeringTypes.includes(type as string);
}

function collect(value: unknown, texts: string[], results: ToolResult[]): void {
  if (typeof value === 'string') {
    texts.push(value);
    return;
  }
  if (Array.isArray(value)) {
    for (const item of value) collect(item, texts, results);
    return;
  }
  if (!isObject(value)) return;
  const result = resultOf(value);
  if (result !== null) {
    results.push(result);
    return;
  }
  if (typeof value.text === 'string') texts.push(value.text);
  else collect(value.content ?? value.parts, texts, results);
}

/** A tool's result, as OpenAI's two APIs, Anthropic, Gemini and the AI SDK write it. */
function resultOf(item: Json): ToolResult | null {
  const { role, type } = item;
  if (type === 'tool-result') return result(item.toolCallId, item.toolName, item.output);
  if (type === 'function_call_output' || type === 'custom_tool_call_output') {
    return result(item.call_id, null, item.output);
  }
  if (type === 'tool_result') return result(item.tool_use_id, null, item.content);
  if (isObject(item.functionResponse)) {
    return result(item.functionResponse.id, item.functionResponse.name, item.functionResponse.response);
  }
  // The AI SDK's tool messages hold parts with results of their own.
  const holdsParts =
    Array.isArray(item.content) && item.content.some((part) => isObject(part) && part.type === 'tool-result');
  return role === 'tool' && !holdsParts ? result(item.tool_call_id, item.name, item.content) : null;
}

function result(id: unknown, name: unknown, output: unknown): ToolResult {
  return {
    tool_call_id: typeof id === 'string' ? id : null,
    name: typeof name === 'string' ? name : null,
    output: typeof output === 'string' ? output : JSON.stringify(output ?? null),
  };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
