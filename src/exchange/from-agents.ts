import type { AgentLogs, AgentMessage, FoundLogs, Skipped } from './agents/index.ts';
import { agentTitles } from './agents/index.ts';
import type { ImportMarks } from './import-marks.ts';
import {
  batchCallsMax,
  type ImportBatch,
  type ImportNote,
  type ImportSource,
  type Mark,
} from './import-source.ts';
import { type ImportedCall, providerId, responseIdentity, unsaid } from './imported-call.ts';

/** A response without an end that is younger than this may still be streaming: it is left for the next import. */
const unfinishedMs = 10 * 60_000;

export interface AgentsInput {
  readonly found: FoundLogs;
  readonly logs: AgentLogs;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Calls of coding agents. Files that have not changed since they were imported are passed over. */
export function agentsSource(
  { found, logs, now }: AgentsInput,
  marks: Pick<ImportMarks, 'get'> | null,
): ImportSource {
  const current = new Map(
    found.files.map((file) => [file.path, { bytes: file.bytes, modified: file.modifiedAt }]),
  );
  const unchanged = new Set(
    [...current].flatMap(([path, mark]) => (isSame(marks?.get(markName(path)), mark) ? [path] : [])),
  );
  const passedOver = { calls: 0, files: unchanged.size };
  const unfinished = new Set<string>();
  let unfinishedCalls = 0;
  return {
    name: 'agents',
    places: found.places.filter(({ files }) => files > 0).map(({ folder }) => folder),
    total: logs.count,
    passedOver,
    notes: () => [
      ...notesOf(logs.skipped),
      {
        name: 'unfinishedCalls',
        text: 'still being written, left for the next import',
        count: unfinishedCalls,
      },
      { name: 'unreadableFiles', text: 'files that could not be read', count: logs.unreadable.length },
    ],
    async *batches() {
      let calls: ImportedCall[] = [];
      let done = 0;
      for (const message of logs.messages()) {
        done += 1;
        if (unchanged.has(message.sourceFile)) passedOver.calls += 1;
        else if (message.confidence === 'partial' && message.at > now - unfinishedMs) {
          unfinishedCalls += 1;
          unfinished.add(message.sourceFile);
        } else calls.push(callOf(message));
        if (calls.length < batchCallsMax) continue;
        yield batchOf(calls, done);
        calls = [];
      }
      yield batchOf(calls, done, finalMarks(current, unchanged, unfinished));
    },
  };
}

function batchOf(
  calls: readonly ImportedCall[],
  done: number,
  marks: ReadonlyMap<string, Mark> = new Map(),
): ImportBatch {
  return { calls, bad: [], marks, done };
}

/** Calls come in the order of their instants, out of all files at once: only the end knows that a file is through. */
function finalMarks(
  current: ReadonlyMap<string, Mark>,
  unchanged: ReadonlySet<string>,
  unfinished: ReadonlySet<string>,
): Map<string, Mark> {
  const marks = new Map<string, Mark>();
  for (const [path, mark] of current) {
    if (!unchanged.has(path) && !unfinished.has(path)) marks.set(markName(path), mark);
  }
  return marks;
}

function markName(path: string): string {
  return `agents:${path}`;
}

function isSame(mark: Mark | undefined, current: Mark): boolean {
  return mark !== undefined && mark.bytes === current.bytes && mark.modified === current.modified;
}

function callOf(message: AgentMessage): ImportedCall {
  const { agent, usage } = message;
  const isClaude = agent === 'claude-code';
  return {
    ...unsaid,
    identity: identityOf(message),
    where: message.sourceFile,
    // Only Claude Code writes down the provider's own id; the others' are the agent's.
    responseId: isClaude ? providerId(message.messageId) : null,
    at: message.at,
    model: message.model,
    provider: message.provider,
    usage,
    terms: message.terms,
    remark: remarkOf(message),
    caller: agent,
    project: message.project,
    session: message.sessionId,
    isCall: message.item === 0,
  };
}

/**
 * Where a log has no ids, instant and counts say which call it is, the way forked sessions are told apart. Session, folder and
 * model are left out: a copy may have others.
 */
function identityOf({ agent, messageId, item, at, usage }: AgentMessage): string {
  if (messageId !== null && agent === 'claude-code' && providerId(messageId) !== null) {
    return responseIdentity(messageId, item);
  }
  if (messageId !== null) return `${agent}\n${messageId}\n${item}`;
  const counts = [usage.input, usage.cacheRead, usage.cacheWrite, usage.output, usage.reasoning];
  return `${agent}\n${at}\n${counts.join(' ')}\n${item}`;
}

const certainties = {
  exact: 'counts exact',
  partial: 'counts partial: the log lacks the end of this response',
  heuristic: 'counts heuristic',
} as const;

function remarkOf({ agent, confidence, modelAssumed }: AgentMessage): string {
  const assumed = modelAssumed ? ', model assumed' : '';
  return `from ${agentTitles[agent]}'s log, ${certainties[confidence]}${assumed}`;
}

function notesOf(skipped: Readonly<Skipped>): ImportNote[] {
  return [
    { name: 'malformedLines', text: 'malformed lines passed over', count: skipped.malformed },
    { name: 'tooLongLines', text: 'lines too long to read', count: skipped.tooLong },
    { name: 'syntheticMessages', text: 'placeholders without a call', count: skipped.synthetic },
    { name: 'apiErrors', text: 'calls that ended in an error', count: skipped.apiErrors },
    { name: 'repeatedLines', text: 'repeated lines of the same response', count: skipped.repeated },
    { name: 'copiedCalls', text: 'copies in resumed or forked sessions', count: skipped.copies },
    { name: 'sidechainCopies', text: 'copies in sidechains', count: skipped.sidechainCopies },
  ];
}
