/** What a Bedrock model id says beyond the model: the region its inference profile keeps the call in. */
export interface BedrockModel {
  /** The foundation model's id, without profile: `anthropic.claude-sonnet-4-5-20250929-v1:0`. */
  readonly model: string;
  /** `us`, `eu` …; null for the plain model, for a `global.` profile and for an ARN that hides its model. */
  readonly region: string | null;
}

/**
 * Reads the model id of a Converse or InvokeModel URL, which is the only place where those APIs name the model; a
 * geographic profile costs more than the plain or global one. It may be percent-encoded, and an ARN whose last part
 * is a profile or model id. Null when it is an ARN that says only a number (application profiles, provisioned models).
 * https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html (from the researched notes,
 * 2026-11-22)
 */
export function bedrockModel(id: string): BedrockModel | null {
  const plain = decoded(id);
  const last = plain.startsWith('arn:') ? (plain.split('/').at(-1) ?? '') : plain;
  const match = /^(?:(us|us-gov|eu|apac|au|ca|in|jp|global)\.)?([a-z0-9]+\.[a-z0-9].*)$/i.exec(last);
  if (match === null) return null;
  const [, profile, model] = match;
  return { model: model!, region: profile === undefined || profile === 'global' ? null : profile };
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    // Not percent-encoded after all: then it is the id as it stands.
    return id;
  }
}
