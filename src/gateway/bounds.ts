/** Everything about a request or a connection that could grow without end, with its bound. */
export interface GatewayBounds {
  /** Request body. */
  readonly bodyBytesMax: number;
  /** Nesting of the request's JSON. */
  readonly bodyDepthMax: number;
  /** Path with query. */
  readonly urlBytesMax: number;
  /** All header lines of a request together. */
  readonly headerBytesMax: number;
  readonly headersMax: number;
  readonly connectionsMax: number;
  /** An answer up to this size waits for its settle, so that its headers can say what it cost. */
  readonly answerBytesMax: number;
  /** From the request's first byte to its last header, and to its last byte. */
  readonly requestHeadersMs: number;
  readonly requestMs: number;
  /** Until the provider's first byte: a long answer that is not streamed comes all at once. */
  readonly answerStartMs: number;
  /** Between two bytes of an answer. */
  readonly answerIdleMs: number;
  readonly answerMs: number;
  /** Answers read to their end after their client left, so that their usage is known. */
  readonly drainsMax: number;
  readonly drainMs: number;
}

/** The bounds of a gateway that is not told others. */
export const defaultBounds: GatewayBounds = {
  bodyBytesMax: 10 * 1024 * 1024,
  bodyDepthMax: 64,
  urlBytesMax: 8 * 1024,
  headerBytesMax: 16 * 1024,
  headersMax: 100,
  connectionsMax: 4096,
  answerBytesMax: 8 * 1024 * 1024,
  requestHeadersMs: 15_000,
  requestMs: 60_000,
  answerStartMs: 600_000,
  answerIdleMs: 300_000,
  answerMs: 1_800_000,
  drainsMax: 64,
  drainMs: 30_000,
};
