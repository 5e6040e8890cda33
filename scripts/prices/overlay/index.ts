import { anthropic } from './anthropic.ts';
import { deepseek } from './deepseek.ts';
import { google } from './google.ts';
import { openai } from './openai.ts';
import { others } from './others.ts';
import type { OverlayEntry } from './overlay.ts';

/** Our corrections and completions, in order: a later entry sees what an earlier one made. */
export const overlay: readonly OverlayEntry[] = [...anthropic, ...deepseek, ...google, ...openai, ...others];
