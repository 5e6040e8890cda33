import type { Value } from './row.ts';

/** Ids are UUIDs: 16 bytes or a type of their own in the store, text outside. */
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Null for a text that is no lower-case UUID: nothing with that id can be in the file. */
export function findableId(id: string): Uint8Array | null {
  return uuidPattern.test(id) ? idBytes(id) : null;
}

/** For ids that we made ourselves. */
export function idBytes(id: string): Uint8Array {
  const hex = id.slice(0, 8) + id.slice(9, 13) + id.slice(14, 18) + id.slice(19, 23) + id.slice(24);
  return Buffer.from(hex, 'hex');
}

/** An id as an engine gives it. */
export function idOf(value: Value): string {
  return typeof value === 'string' ? value : idText(value as Uint8Array);
}

export function idText(bytes: Uint8Array): string {
  const hex = hexText(bytes);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function hexBytes(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex');
}

export function hexText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
