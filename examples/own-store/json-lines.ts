import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';

/** A file of JSON, one value a line, that is only ever appended to. Amounts are bigint, which JSON cannot say by itself. */
export class JsonLines {
  readonly #descriptor: number;

  constructor(file: string, take: (value: unknown) => void) {
    if (existsSync(file)) {
      const text = readFileSync(file, 'utf8');
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      // A process that died while it wrote left half a line: nobody was told that it is there.
      if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole));
      for (const line of whole.split('\n').slice(0, -1)) take(JSON.parse(line, readBigint));
    }
    this.#descriptor = openSync(file, 'a', 0o600);
  }

  /** On disk when this returns. */
  append(value: unknown): void {
    writeSync(this.#descriptor, `${JSON.stringify(value, writeBigint)}\n`);
    fsyncSync(this.#descriptor);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

function writeBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? { $bigint: String(value) } : value;
}

function readBigint(_key: string, value: unknown): unknown {
  const said = (value as { $bigint?: string } | null)?.$bigint;
  return said === undefined ? value : BigInt(said);
}
