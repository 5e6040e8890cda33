import type { ServedTerms } from '../../usage/reading.ts';
import type { Usage } from '../../usage/usage.ts';

export const agentNames = ['claude-code', 'codex', 'gemini-cli', 'opencode'] as const;
export type AgentName = (typeof agentNames)[number];

export const agentTitles: Readonly<Record<AgentName, string>> = {
  'claude-code': 'Claude Code',
  codex: 'Codex',
  'gemini-cli': 'Gemini CLI',
  opencode: 'OpenCode',
};

/**
 * How sure a message's counts are. `exact`: the provider's last word on an identified response. `partial`: the log holds
 * no end of that response, so its counts may be placeholders or too low. `heuristic`: something was inferred, such as
 * which calls are copies, the model, the tier, or the time.
 */
export const confidences = ['exact', 'partial', 'heuristic'] as const;
export type Confidence = (typeof confidences)[number];

/** One billed call of a coding agent as its log tells it: each call once, whatever the log repeats. */
export interface AgentMessage {
  readonly agent: AgentName;
  /** Epoch milliseconds UTC. */
  readonly at: number;
  readonly model: string;
  /** null where the log does not say and the model's name does not show it. */
  readonly provider: string | null;
  readonly sessionId: string | null;
  /** The folder the agent worked in. */
  readonly project: string | null;
  readonly usage: Usage;
  /** Service tier (`fast`, `priority` …) and region where not the standard. */
  readonly terms: ServedTerms;
  readonly requestId: string | null;
  /** The provider's id of the response in Claude Code; the agent's own in Gemini CLI and OpenCode. */
  readonly messageId: string | null;
  /** 0 is the response itself; 1 and up are other models billed inside it (an advisor, a declined attempt). */
  readonly item: number;
  readonly confidence: Confidence;
  /** The log names no model; `model` is what the agent used by default at the time. */
  readonly modelAssumed: boolean;
  readonly sourceFile: string;
}
