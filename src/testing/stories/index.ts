import type { Story } from '../story.ts';
import { expiryStories } from './expiries.ts';
import { grantStories } from './grants.ts';
import { holdStories } from './holds.ts';
import { limitStories } from './limits.ts';
import { replayStories } from './replays.ts';
import { rollingStories } from './rolling.ts';
import { ruleStories } from './rules.ts';

/** What every store must be able to tell, in the words of docs/testing.md. */
export const stories: readonly Story[] = [
  ...holdStories,
  ...expiryStories,
  ...limitStories,
  ...ruleStories,
  ...rollingStories,
  ...replayStories,
  ...grantStories,
];
