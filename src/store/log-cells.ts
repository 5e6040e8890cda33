import { idOf } from './ids.ts';
import { type AuditRow, type PromptRow, promptBytes } from './log.ts';
import type { Row, Value } from './row.ts';

/** Columns of nanocent_audit, in the order of auditCells. */
export const auditColumns: readonly string[] = [
  ...['id', 'at', 'type', 'app', 'username', 'model', 'prompt_text', 'response_text', 'remote_completion_id'],
  ...['project', 'session', 'call_id'],
];

/** A row as an engine writes it; its id is still text. */
export function auditCells(row: AuditRow): readonly (string | number | null)[] {
  return [
    ...[row.id, row.at, row.type, row.app, row.username, row.model, row.promptText, row.responseText],
    ...[row.remoteCompletionId, row.project, row.session, row.callId],
  ];
}

/** A row as an engine reads it. */
export function auditOf(row: Row): AuditRow {
  return {
    id: idOf(row[0]!),
    at: Number(row[1]),
    type: row[2] as string,
    app: row[3] as string | null,
    username: row[4] as string | null,
    model: row[5] as string | null,
    promptText: row[6] as string | null,
    responseText: row[7] as string | null,
    remoteCompletionId: row[8] as string | null,
    project: row[9] as string | null,
    session: row[10] as string | null,
    callId: row[11] as string | null,
  };
}

/** Columns of nanocent_prompts that are read; `bytes` comes after them. */
export const promptColumns: readonly string[] = [
  ...['id', 'at', 'call_id', 'model', 'purpose', 'username', 'key', 'project', 'prompt', 'response'],
  ...['tool_calls', 'tool_results', 'input_tokens', 'output_tokens', 'sealed'],
];

/** A row as an engine writes it, its bytes last. */
export function promptCells(row: PromptRow): readonly (string | number | null)[] {
  return [
    ...[row.id, row.at, row.callId, row.model, row.purpose, row.username, row.key, row.project],
    ...[row.prompt, row.response, row.toolCalls, row.toolResults, row.inputTokens, row.outputTokens],
    ...[row.sealed ? 1 : 0, promptBytes(row)],
  ];
}

export function promptOf(row: Row): PromptRow {
  return {
    id: idOf(row[0]!),
    at: Number(row[1]),
    callId: row[2] as string,
    model: row[3] as string,
    purpose: row[4] as string | null,
    username: row[5] as string | null,
    key: row[6] as string | null,
    project: row[7] as string | null,
    prompt: row[8] as string | null,
    response: row[9] as string | null,
    toolCalls: row[10] as string | null,
    toolResults: row[11] as string | null,
    inputTokens: countOf(row[12]),
    outputTokens: countOf(row[13]),
    sealed: Number(row[14]) === 1,
  };
}

function countOf(value: Value | undefined): number | null {
  return value === null ? null : Number(value);
}
