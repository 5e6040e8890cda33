import type { ObserveCall } from '../core/call-observer.ts';
import type { AuditLog, PromptLog } from '../logs/index.ts';
import { AnswerText } from '../meter/wire/answer-text.ts';
import { saidToModel } from '../meter/wire/request-text.ts';

export interface CallLogs {
  readonly prompts: PromptLog;
  /** Whether calls that say nothing of it are kept, where the log's lists want them. */
  readonly keepsPrompts: boolean;
  /** Gets a prompt and a response of every call; null where it keeps only what it is told. */
  readonly audit: AuditLog | null;
  readonly uuid: () => string;
  readonly now: () => number;
  /** Told when the audit log could not be written: the call goes on. */
  readonly onError: (error: unknown) => void;
}

/** Reads along with calls for the logs. */
export function callObserver({ prompts, keepsPrompts, audit, uuid, now, onError }: CallLogs): ObserveCall {
  return ({ id: callId, at, attribution, request, keepPrompt }) => {
    const { model, purpose, username, key, project, session, caller } = attribution;
    const kept = keepPrompt ?? (keepsPrompts && prompts.wants({ model, key, purpose }));
    if (!kept && audit === null) return null;
    const { prompt, toolResults } = saidToModel(request ?? {});
    const who = {
      ...(caller === null ? {} : { app: caller }),
      ...(username === null ? {} : { username }),
      ...(project === null ? {} : { project }),
      ...(session === null ? {} : { session }),
      model,
      callId,
    };
    audit?.logPrompt({ ...who, at, promptText: cut(prompt) }).catch(onError);
    const answer = new AnswerText();
    return {
      chunk: (bytes) => answer.chunk(bytes),
      end({ inputTokens, outputTokens, responseId, voided }) {
        const { text, toolCalls } = answer.end();
        const remoteCompletionId =
          responseId === null ? {} : { remoteCompletionId: responseId.slice(0, 256) };
        audit
          ?.logResponse({ ...who, at: now(), responseText: cut(text), ...remoteCompletionId })
          .catch(onError);
        // What was never billed is no prompt that a model saw.
        if (!kept || voided) return;
        prompts.add({
          ...{ id: uuid(), at, callId, model, purpose, username, key, project, inputTokens, outputTokens },
          prompt,
          response: text,
          toolCalls: toolCalls.length === 0 ? null : JSON.stringify(toolCalls),
          toolResults: toolResults.length === 0 ? null : JSON.stringify(toolResults),
        });
      },
    };
  };
}

/** Characters of one text that the audit log takes. */
const auditCharactersMax = 1_000_000;

function cut(text: string | null): string | undefined {
  if (text === null || text === '') return undefined;
  return text.slice(0, auditCharactersMax).toWellFormed().replaceAll('\u0000', '\ufffd');
}
