import type { Shell } from './shell.ts';

/** Work shorter than this says nothing. */
const quietMs = 1_000;
/** Between two words about the same work: on a terminal, and in a log. */
const terminalMs = 200;
const logMs = 10_000;

/** Says on the standard error how far a long piece of work is; `end` leaves the line clean. */
export function openProgress(shell: Shell): { at(text: () => string): void; end(): void } {
  const { terminal, quiet } = shell;
  const startedAt = performance.now();
  let saidAt = startedAt;
  let drawn = false;
  return {
    at(text) {
      const now = performance.now();
      const every = terminal.errorIsTerminal ? terminalMs : logMs;
      if (quiet || now - startedAt < quietMs || now - saidAt < every) return;
      saidAt = now;
      if (terminal.errorIsTerminal) terminal.err(`\r\u001b[K${text()}`);
      else terminal.err(`${text()}\n`);
      drawn = terminal.errorIsTerminal;
    },
    end() {
      if (drawn) terminal.err('\r\u001b[K');
      drawn = false;
    },
  };
}
