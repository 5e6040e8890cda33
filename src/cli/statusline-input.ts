import { nearestUsd } from '../money/index.ts';

/** What Claude Code says about a session (https://code.claude.com/docs/en/statusline, checked 2026-11-22). */
export interface StatuslineInput {
  readonly sessionId: string | null;
  readonly modelId: string | null;
  readonly modelName: string | null;
  readonly folder: string | null;
  /** Claude Code's own estimate of the session. */
  readonly sessionNanocents: bigint | null;
  /** Percent of the context in use. */
  readonly contextPercent: number | null;
}

type Fields = Readonly<Record<string, unknown>>;

/** Null for what is no JSON object. Every field may be missing: versions differ. */
export function parseStatusline(text: string): StatuslineInput | null {
  const input = parsed(text);
  if (input === null) return null;
  const model = object(input.model);
  const workspace = object(input.workspace);
  return {
    sessionId: word(input.session_id),
    modelId: word(model.id),
    modelName: word(model.display_name) ?? word(model.id),
    folder: word(workspace.project_dir) ?? word(workspace.current_dir) ?? word(input.cwd),
    sessionNanocents: usd(object(input.cost).total_cost_usd),
    contextPercent: percent(object(input.context_window)),
  };
}

function percent(window: Fields): number | null {
  const said = count(window.used_percentage);
  if (said !== null) return Math.round(said);
  const size = count(window.context_window_size);
  const usage = object(window.current_usage);
  const current = [usage.input_tokens, usage.cache_creation_input_tokens, usage.cache_read_input_tokens]
    .map(count)
    .reduce((sum: number | null, one) => (one === null ? sum : (sum ?? 0) + one), null);
  const used = current ?? count(window.total_input_tokens);
  return used === null || size === null || size === 0 ? null : Math.round((used / size) * 100);
}

function usd(value: unknown): bigint | null {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return null;
  return value < 90_000_000 ? nearestUsd(value) : null;
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

function word(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}

function object(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function parsed(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    // Said in the line itself: an error would break the prompt that shows it.
    return null;
  }
}
