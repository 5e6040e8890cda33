import type { AttributionInput } from './attribution.ts';
import type { Context } from './context.ts';

/** Who everything inside is for, unless it says otherwise itself. */
export type SharedAttribution = Omit<AttributionInput, 'model' | 'requestedModel' | 'provider' | 'endpoint'>;

/** The most that one account outside of all limits may take: what is held and spent in a run, together. */
export interface Cap {
  readonly id: string;
  /** Nanocents. */
  readonly max: bigint;
}

/** One task of an agent, over models and tools: what is done inside counts against its cap. */
export interface Run {
  readonly cap: Cap;
  readonly attribution: SharedAttribution;
  /** The run that this one is inside of: its cap holds as well. */
  readonly parent: Run | null;
}

/** Runs inside runs: deeper is a loop. */
export const runDepthMax = 32;

/** What is asked for inside a run: its attribution filled up from the run, and every cap that it comes under. */
export function inRun<Input extends SharedAttribution>(
  context: Pick<Context, 'currentRun'>,
  input: Input,
  explicit: Run | null | undefined,
): { readonly input: Input; readonly caps: { readonly caps?: readonly Cap[] } } {
  const run = explicit === undefined ? (context.currentRun?.() ?? null) : explicit;
  if (run === null) return { input, caps: {} };
  return { input: filledUp(run.attribution, input), caps: { caps: capsOf(run) } };
}

/** A field that is given stays; tags are joined. */
export function filledUp<Input extends SharedAttribution>(shared: SharedAttribution, input: Input): Input {
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  const tags = shared.tags === undefined ? {} : { tags: { ...shared.tags, ...input.tags } };
  return { ...shared, ...given, ...tags } as unknown as Input;
}

/** Its own cap first, then those around it. */
export function capsOf(run: Run): Cap[] {
  const caps: Cap[] = [];
  for (let one: Run | null = run; one !== null; one = one.parent) caps.push(one.cap);
  return caps;
}
