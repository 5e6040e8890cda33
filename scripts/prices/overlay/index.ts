import { deepseek } from './deepseek.ts';
import type { OverlayEntry } from './overlay.ts';

export const overlay: readonly OverlayEntry[] = [...deepseek];
