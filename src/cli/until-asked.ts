const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves when the process is asked to stop, by Ctrl-C or a signal; each call waits for one. */
export function untilAsked(): Promise<void> {
  return new Promise((resolve) => {
    const asked = () => {
      for (const signal of signals) process.off(signal, asked);
      resolve();
    };
    for (const signal of signals) process.on(signal, asked);
  });
}
