import type { Value } from './connection.ts';

/** What goes to the process that runs one query. */
export interface SelectRequest {
  readonly file: string;
  readonly sql: string;
  readonly rowsMax: number;
}

/** What JSON has no word for: an integer beyond 2^53, a number that is not finite. */
export type WireValue = null | string | number | { readonly integer: string } | { readonly real: string };

export type SelectAnswer =
  | {
      readonly columns: readonly string[];
      readonly rows: readonly (readonly WireValue[])[];
      readonly truncated: boolean;
    }
  | { readonly forbidden: string }
  | { readonly failed: { readonly errcode: number; readonly message: string } };

/** Bytes become hex text. */
export function toWire(value: Value): WireValue {
  if (typeof value === 'bigint') {
    return Number.isSafeInteger(Number(value)) ? Number(value) : { integer: String(value) };
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value : { real: String(value) };
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}

export function fromWire(value: WireValue): string | number | bigint | null {
  if (value === null || typeof value !== 'object') return value;
  return 'integer' in value ? BigInt(value.integer) : Number(value.real);
}
