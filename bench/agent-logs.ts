import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Claude Code logs of a busy month: calls over one to three lines with usage, and what the tools answered between them. */
export function writeClaudeLogs(
  home: string,
  wanted: {
    readonly messages: number;
    readonly sessions: number;
    /** On average; 2 when left out. */
    readonly linesPerCall?: 1 | 2;
  },
): { readonly bytes: number; readonly lines: number; readonly messages: number; readonly calls: number } {
  const { linesPerCall = 2 } = wanted;
  const perSession = Math.ceil(wanted.messages / linesPerCall / wanted.sessions);
  let written = 0;
  let messages = 0;
  let bytes = 0;
  let lines = 0;
  for (let session = 0; session < wanted.sessions; session += 1) {
    const project = session % 12;
    const folder = join(home, '.claude', 'projects', `-projects-project-${project}`);
    mkdirSync(folder, { recursive: true });
    const parts: string[] = [];
    const sessionId = `00000000-0000-4000-8000-${String(session).padStart(12, '0')}`;
    for (let turn = 0; turn < perSession && messages < wanted.messages; turn += 1, written += 1) {
      const at = firstAt + ((session * 7919) % 2_000_000) * 1000 + turn * 9_000;
      const common = {
        parentUuid: uuid(written, 1),
        isSidechain: false,
        userType: 'external',
        cwd: `/projects/project-${project}`,
        sessionId,
        version: '2.3.11',
        gitBranch: 'main',
      };
      parts.push(
        JSON.stringify({
          ...common,
          type: 'user',
          message: { role: 'user', content: toolResult(written) },
          uuid: uuid(written, 2),
          timestamp: new Date(at - 4_000).toISOString(),
        }),
      );
      const streamed = linesPerCall === 1 ? 1 : 1 + (written % 3);
      for (let line = 1; line <= streamed; line += 1) {
        parts.push(assistantLine(common, { written, line, streamed, at: at + line * 300 }));
      }
      messages += streamed;
      lines += 1 + streamed;
    }
    const text = `${parts.join('\n')}\n`;
    bytes += Buffer.byteLength(text);
    writeFileSync(join(folder, `${sessionId}.jsonl`), text);
  }
  return { bytes, lines, messages, calls: written };
}

const firstAt = Date.UTC(2026, 9, 25);
const models = ['claude-sonnet-4-5-20250929', 'claude-opus-4-5-20251101', 'claude-haiku-4-5-20251001'];
const prose =
  'The parser keeps a \\"state\\" per line; when it meets a quote it looks for the next one — even in Grüße. ';

function assistantLine(
  common: object,
  { written, line, streamed, at }: { written: number; line: number; streamed: number; at: number },
): string {
  const last = line === streamed;
  const content =
    line === 1 && streamed > 1
      ? [{ type: 'text', text: prose.repeat(2 + (written % 5)) }]
      : [
          {
            type: 'tool_use',
            id: `toolu_${written}_${line}`,
            name: 'Edit',
            input: { file_path: '/projects/a.ts', old_string: prose, new_string: prose.repeat(2) },
          },
        ];
  const output = last ? 40 + ((written * 37) % 900) : 3;
  return JSON.stringify({
    ...common,
    message: {
      model: models[written % 7 === 0 ? 1 : written % 5 === 0 ? 2 : 0],
      id: `msg_01${String(written).padStart(22, 'A')}`,
      type: 'message',
      role: 'assistant',
      content,
      stop_reason: last ? 'tool_use' : null,
      stop_sequence: null,
      usage: {
        input_tokens: 4 + (written % 20),
        cache_creation_input_tokens: (written * 91) % 3000,
        cache_read_input_tokens: 20_000 + ((written * 613) % 90_000),
        cache_creation: { ephemeral_5m_input_tokens: (written * 91) % 3000, ephemeral_1h_input_tokens: 0 },
        output_tokens: output,
        service_tier: 'standard',
      },
    },
    requestId: `req_011${String(written).padStart(21, 'C')}`,
    type: 'assistant',
    uuid: uuid(written, 3 + line),
    timestamp: new Date(at).toISOString(),
  });
}

function toolResult(written: number): object[] {
  return [
    { type: 'tool_result', tool_use_id: `toolu_${written}`, content: prose.repeat(1 + (written % 16)) },
  ];
}

function uuid(number: number, kind: number): string {
  return `${String(kind).padStart(8, '0')}-0000-4000-8000-${String(number).padStart(12, '0')}`;
}
