import type { Provider } from '../gateway/index.ts';
import type { Style } from './style.ts';

interface Served {
  readonly url: string;
  readonly providers: readonly Provider[];
  readonly demo: boolean;
  /** The ledger's file where a later command has to name it. */
  readonly file: string | null;
  readonly style: Style;
}

/** What a person does next, for the standard error. */
export function hintsFor({ url, providers, demo, file, style }: Served): string {
  const lines = [
    demo ? 'demo: answers are made here, nothing leaves this machine' : keysText(providers, style),
  ];
  lines.push('', style.bold('a first call'), ...(demo ? demoCall(url) : firstCall(url, providers)));
  lines.push(
    '',
    style.bold('then'),
    `  nanocent tail${file === null ? '' : ` --db-file ${quoted(file)}`}`,
    `  ${url}/-/llm-usage`,
    '',
    style.dim('Ctrl-C stops it when running calls are settled'),
  );
  return `${lines.join('\n')}\n`;
}

function keysText(providers: readonly Provider[], style: Style): string {
  const withKey = providers.filter(({ key }) => key !== null).map(({ name }) => name);
  const without = providers.filter(({ key, open }) => key === null && !open).map(({ name }) => name);
  const usual = without.filter((name) => ['openai', 'anthropic'].includes(name));
  const lines: string[] = [];
  if (withKey.length > 0) lines.push(`${style.green('ready')} with a key of its own: ${withKey.join(', ')}`);
  if (without.length > 0) {
    lines.push(
      `${style.yellow('no key')} for ${without.join(', ')}: clients send theirs, and it goes to that provider only`,
      `  or set ${usual.map((name) => `${name.toUpperCase()}_API_KEY`).join(', ') || 'their keys in the configuration'} and start again; or try nanocent serve --demo`,
    );
  }
  return lines.join('\n');
}

function firstCall(url: string, providers: readonly Provider[]): string[] {
  const openai = providers.find(({ flavour }) => flavour === 'openai');
  const credential = openai?.key === null ? ' -H "authorization: Bearer $OPENAI_API_KEY"' : '';
  return [
    `  curl ${url}/openai/v1/chat/completions${credential} -H 'content-type: application/json' \\`,
    `    -d '{"model":"gpt-4o-mini","max_tokens":50,"messages":[{"role":"user","content":"Hello"}]}'`,
    `  or let an SDK use it: OPENAI_BASE_URL=${url}/openai/v1  ANTHROPIC_BASE_URL=${url}/anthropic`,
  ];
}

function demoCall(url: string): string[] {
  return [
    `  curl ${url}/demo/v1/chat/completions -H 'content-type: application/json' \\`,
    `    -d '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}'`,
  ];
}

/** As a POSIX shell takes it back. */
function quoted(path: string): string {
  return /^[\w./:@%+,-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
