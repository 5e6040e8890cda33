/** What a command sees of the process it runs in; tests bring their own. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly input: AsyncIterable<Uint8Array>;
  readonly inputIsTerminal: boolean;
  readonly outputIsTerminal: boolean;
  readonly errorIsTerminal: boolean;
  /** Width for tables; Infinity where nothing bounds it. */
  readonly columns: number;
  /** Data. */
  out(text: string): void;
  /** Everything else. */
  err(text: string): void;
  /** Only where the input is a terminal. */
  ask(question: string): Promise<string>;
}
