export { type AuditInput, AuditLog } from './audit-log.ts';
export { type PromptDraft, PromptLog, type PromptLogSettings, type PromptTexts } from './prompt-log.ts';
export { createSeal, type Seal } from './seal.ts';
