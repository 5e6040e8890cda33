import { type Entry, totalTokens } from '../../store/entry.ts';

export const sorts = ['time', 'cost', 'tokens', 'model'] as const;
export type Sort = (typeof sorts)[number];

/** What the keys have set. */
export interface TopState {
  readonly sort: Sort;
  /** Words that a call must have in its model, user, caller, project, session or purpose; none is ''. */
  readonly filter: string;
  /** The filter while it is typed, or null. */
  readonly typing: string | null;
  /** Calls above the first one shown. */
  readonly scroll: number;
  readonly isPaused: boolean;
  readonly showsHelp: boolean;
}

export const firstState: TopState = {
  sort: 'time',
  filter: '',
  typing: null,
  scroll: 0,
  isPaused: false,
  showsHelp: false,
};

/** Typed text that is kept. */
const filterCharactersMax = 80;
const pageLines = 10;

/** What a key makes of the state; 'quit' ends the view. Keys are as a terminal sends them. */
export function afterKey(state: TopState, key: string): TopState | 'quit' {
  if (key === '\u0003') return 'quit';
  if (state.typing !== null) return afterTyped(state, state.typing, key);
  if (state.showsHelp) return { ...state, showsHelp: false };
  switch (key) {
    case 'q':
    case 'Q':
      return 'quit';
    case 's':
    case '\u001b[C':
      return sorted(state, 1);
    case 'S':
    case '\u001b[D':
      return sorted(state, -1);
    case 'f':
    case '/':
      return { ...state, typing: state.filter };
    case '?':
    case 'h':
      return { ...state, showsHelp: true };
    case ' ':
      return { ...state, isPaused: !state.isPaused };
    case '\u001b':
      return { ...state, filter: '', scroll: 0 };
    default:
      return { ...state, scroll: Math.max(0, scrolled(state.scroll, key)) };
  }
}

function afterTyped(state: TopState, typing: string, key: string): TopState {
  if (key === '\r' || key === '\n') return { ...state, filter: typing.trim(), typing: null, scroll: 0 };
  if (key === '\u001b') return { ...state, typing: null };
  if (key === '\u007f' || key === '\b') return { ...state, typing: [...typing].slice(0, -1).join('') };
  if (key < ' ' || key.length > 2) return state;
  return { ...state, typing: (typing + key).slice(0, filterCharactersMax) };
}

function sorted(state: TopState, by: number): TopState {
  const index = (sorts.indexOf(state.sort) + by + sorts.length) % sorts.length;
  return { ...state, sort: sorts[index]!, scroll: 0 };
}

function scrolled(scroll: number, key: string): number {
  switch (key) {
    case '\u001b[A':
    case 'k':
      return scroll - 1;
    case '\u001b[B':
    case 'j':
      return scroll + 1;
    case '\u001b[5~':
      return scroll - pageLines;
    case '\u001b[6~':
      return scroll + pageLines;
    case '\u001b[H':
    case '\u001b[1~':
      return 0;
    case '\u001b[F':
    case '\u001b[4~':
      return Number.MAX_SAFE_INTEGER;
    default:
      return scroll;
  }
}

/** The calls to show, filtered and in order. */
export function arranged(
  calls: readonly Entry[],
  { sort, filter }: Pick<TopState, 'sort' | 'filter'>,
): Entry[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const kept = calls.filter((call) => {
    const text = [call.model, call.username, call.caller, call.project, call.session, call.purpose]
      .filter((field) => field !== null)
      .join('\n')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
  // Sorting is stable: equal calls stay newest first.
  return sort === 'time' ? kept : kept.sort(orders[sort]);
}

const orders: Readonly<Record<Exclude<Sort, 'time'>, (left: Entry, right: Entry) => number>> = {
  cost: (left, right) => compare(right.nanocents ?? -1n, left.nanocents ?? -1n),
  tokens: (left, right) => (totalTokens(right) ?? -1) - (totalTokens(left) ?? -1),
  model: (left, right) => (left.model < right.model ? -1 : left.model > right.model ? 1 : 0),
};

function compare(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Keys out of what a terminal sent at once: a pasted text or a held arrow key comes in one piece. */
export function keysOf(sent: string): string[] {
  const keys = sent.match(keyPattern) ?? [];
  // Terminals in application mode send ESC O A for ESC [ A.
  return keys.map((key) => (key.length === 3 && key[1] === 'O' ? `${esc}[${key[2]}` : key));
}

const esc = '\u001b';
const keyPattern = new RegExp(`${esc}\\[[\\d;]*[~A-Za-z]|${esc}O[A-Za-z]|[\\s\\S]`, 'gu');
