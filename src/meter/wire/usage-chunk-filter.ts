/** Passes a stream through, event by event. */
export interface StreamFilter {
  /** Bytes to send on now; may be empty while an event is incomplete. */
  push(chunk: Buffer): Buffer;
  /** What was left of an incomplete event. */
  end(): Buffer;
}

/** An event longer than this is passed on as it comes, unseen. */
const eventBytesMax = 1024 * 1024;
const nothing = Buffer.alloc(0);
const newline = 0x0a;
const carriageReturn = 0x0d;

/**
 * Takes out the chunk that carries only usage, which the client did not ask for and whose code may not expect an
 * empty list of choices. All other bytes pass unchanged.
 */
export function usageChunkFilter(): StreamFilter {
  let rest: Buffer = nothing;
  let oversized = false;

  function push(chunk: Buffer): Buffer {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const kept: Buffer[] = [];
    for (let end = eventEnd(bytes); end !== -1; end = eventEnd(bytes)) {
      const event = bytes.subarray(0, end);
      if (oversized || !isUsageOnly(event)) kept.push(event);
      oversized = false;
      bytes = bytes.subarray(end);
    }
    rest = bytes;
    if (oversized || rest.length > eventBytesMax) {
      // Its end must still be found, whichever bytes the line ends are split over.
      const keep = Math.min(3, rest.length);
      kept.push(rest.subarray(0, rest.length - keep));
      rest = rest.subarray(rest.length - keep);
      oversized = true;
    }
    return kept.length === 1 ? kept[0]! : Buffer.concat(kept);
  }

  return { push, end: () => rest };
}

/** The position behind the empty line that ends the first event; −1 when there is none yet. */
function eventEnd(bytes: Buffer): number {
  for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) {
    if (bytes[at + 1] === newline) return at + 2;
    if (bytes[at + 1] === carriageReturn && bytes[at + 2] === newline) return at + 3;
  }
  return -1;
}

function isUsageOnly(event: Buffer): boolean {
  if (event.indexOf('"usage"') === -1) return false;
  const text = event.toString('latin1');
  if (!/"choices"\s*:\s*\[\s*\]/.test(text) || !/"usage"\s*:\s*\{/.test(text)) return false;
  const data = /^data: ?(\{.*\})\r?$/m.exec(text)?.[1];
  if (data === undefined) return false;
  try {
    const json = JSON.parse(data);
    return Array.isArray(json.choices) && json.choices.length === 0 && typeof json.usage === 'object';
  } catch {
    // Not what it looked like: it passes.
    return false;
  }
}
