import { openBooks } from '../books/open-books.ts';
import type { Environment } from '../books/store-location.ts';
import { limitStates } from '../reports/limit-states.ts';
import type { StatuslineInput } from './statusline-input.ts';
import type { Budget } from './statusline-line.ts';

/** The cost limit with the least left, of those that Claude Code's next call comes under; null without one. */
export async function tightestBudget(options: {
  readonly store: string;
  readonly input: StatuslineInput;
  readonly now: number;
  readonly environment: Environment;
}): Promise<Budget | null> {
  const { store, input, now, environment } = options;
  // It runs by itself in whatever folder is worked on: that folder's configuration, which is code, is not asked for.
  const config = environment.NANOCENT_CONFIG || false;
  await using books = await openBooks({ store, config, environment, readOnly: true });
  const { limits } = await books.reads.limits();
  const { USER: username } = environment;
  const attributes = {
    provider: 'anthropic',
    caller: 'claude-code',
    ...(username ? { username } : {}),
    ...(input.modelId === null ? {} : { model: input.modelId }),
    ...(input.folder === null ? {} : { project: input.folder }),
  };
  const states = await limitStates(books.reads, limits, attributes, now);
  const budgets = states.flatMap(({ limit, remaining }) =>
    limit.type === 'cost' && remaining !== null ? [{ left: remaining, max: limit.max }] : [],
  );
  return budgets.reduce<Budget | null>(
    (least, one) => (least === null || one.left < least.left ? one : least),
    null,
  );
}
