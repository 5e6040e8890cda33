// Loaded before a printed example: what it sends to a known provider arrives at LOCAL_PROVIDER instead, and nothing leaves the machine.
const local = process.env.LOCAL_PROVIDER ?? '';
const origins = [
  'https://api.openai.com',
  'https://api.anthropic.com',
  'https://generativelanguage.googleapis.com',
  'https://api.mistral.ai',
];
const carrier = globalThis.fetch;

globalThis.fetch = (input, init) => {
  if (!(input instanceof Request)) return carrier(redirected(String(input)), init);
  const request = new Request(input, init);
  return carrier(new Request(redirected(request.url), request));
};

function redirected(url: string): string {
  const origin = origins.find((one) => url.startsWith(one));
  if (origin) return `${local}${url.slice(origin.length)}`;
  if (new URL(url).hostname === '127.0.0.1') return url;
  throw new Error(`an example calls ${new URL(url).origin}, which is no provider known here`);
}
