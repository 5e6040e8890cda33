import type { AuditRow, PromptRow } from '../store/log.ts';

export function auditDocument({ at, ...row }: AuditRow) {
  return { ...row, at: new Date(at).toISOString() };
}

export function promptDocument({ at, toolCalls, toolResults, ...row }: PromptRow) {
  const parsed = (text: string | null) => (text === null ? null : JSON.parse(text));
  return {
    ...row,
    at: new Date(at).toISOString(),
    toolCalls: parsed(toolCalls),
    toolResults: parsed(toolResults),
  };
}
