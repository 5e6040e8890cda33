/** A value as every engine's driver gives and takes it: whole numbers come back as bigint, bytes as bytes. */
export type Value = null | number | bigint | string | Uint8Array;
export type Row = readonly Value[];
