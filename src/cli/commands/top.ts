import { setTimeout as pause } from 'node:timers/promises';
import { NanocentError } from '../../errors/error.ts';
import type { Shell } from '../shell.ts';
import { shown } from '../shown-path.ts';
import { LiveScreen } from '../top/live-screen.ts';
import { renderTop } from '../top/render-top.ts';
import { type TopSnapshot, topSnapshot } from '../top/top-snapshot.ts';
import { afterKey, firstState, keysOf, type TopState } from '../top/top-state.ts';

export async function run(shell: Shell): Promise<undefined> {
  const { terminal } = shell;
  const intervalMs = 1000 * (shell.arguments.whole('interval', { min: 1, max: 60 }) ?? 1);
  if (!terminal.inputIsTerminal || !terminal.outputIsTerminal || shell.format !== 'text') {
    throw new NanocentError('field_invalid', 'top needs a terminal to draw on', {
      field: 'top',
      fix: 'use nanocent tail or nanocent stats in scripts, with --json or --csv',
    });
  }
  const books = await shell.books({ existing: true });
  const location = shown(books.reads.location);
  let snapshot: TopSnapshot = await topSnapshot(books, location);
  let state: TopState = firstState;
  const quit = new AbortController();
  let failure: unknown = null;
  // An error in a key's handler must not end the process with the terminal still taken.
  const guarded = (work: () => void) => {
    try {
      work();
    } catch (error) {
      failure ??= error;
      quit.abort();
    }
  };
  const draw = () => screen.draw(renderTop(snapshot, state, screen.size, shell.style));
  const screen = new LiveScreen({
    input: process.stdin,
    output: process.stdout,
    resize: () => guarded(draw),
    keys: (sent) =>
      guarded(() => {
        for (const key of keysOf(sent)) {
          const next = afterKey(state, key);
          if (next === 'quit') return quit.abort();
          state = { ...next, scroll: Math.min(next.scroll, Math.max(0, snapshot.calls.length - 1)) };
        }
        draw();
      }),
  });
  screen.open();
  try {
    while (!quit.signal.aborted) {
      draw();
      // Cut short by a key that quits.
      await pause(intervalMs, undefined, { signal: quit.signal }).catch(() => {});
      if (!state.isPaused && !quit.signal.aborted) snapshot = await topSnapshot(books, location);
    }
  } finally {
    screen.close();
  }
  if (failure !== null) throw failure;
  return undefined;
}
