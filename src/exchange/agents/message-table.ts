/**
 * Calls in columns: 100,000 of them are one tenth of the objects' size and are kept on disk as they are. Texts that
 * repeat are numbers into `names`; ids stand one after the other in `idBytes`.
 */
export interface Columns {
  readonly at: Float64Array;
  readonly input: Uint32Array;
  readonly cacheRead: Uint32Array;
  readonly cacheWrite5m: Uint32Array;
  readonly cacheWrite1h: Uint32Array;
  readonly cacheWrite: Uint32Array;
  readonly output: Uint32Array;
  readonly reasoning: Uint32Array;
  readonly webSearch: Uint32Array;
  /** Where in `idBytes` the id begins; the request's id follows it. */
  readonly idFrom: Uint32Array;
  readonly idLength: Uint16Array;
  readonly requestLength: Uint16Array;
  readonly file: Uint32Array;
  readonly model: Uint32Array;
  readonly provider: Uint32Array;
  readonly session: Uint32Array;
  readonly project: Uint32Array;
  readonly tier: Uint32Array;
  readonly region: Uint32Array;
  readonly flags: Uint8Array;
  readonly item: Uint8Array;
}

export type ColumnName = keyof Columns;

/** In the order of the file that keeps them: wide cells first, so that each column begins on its own boundary. */
export const columnTypes = {
  at: Float64Array,
  input: Uint32Array,
  cacheRead: Uint32Array,
  cacheWrite5m: Uint32Array,
  cacheWrite1h: Uint32Array,
  cacheWrite: Uint32Array,
  output: Uint32Array,
  reasoning: Uint32Array,
  webSearch: Uint32Array,
  idFrom: Uint32Array,
  file: Uint32Array,
  model: Uint32Array,
  provider: Uint32Array,
  session: Uint32Array,
  project: Uint32Array,
  tier: Uint32Array,
  region: Uint32Array,
  idLength: Uint16Array,
  requestLength: Uint16Array,
  flags: Uint8Array,
  item: Uint8Array,
} as const satisfies Record<ColumnName, unknown>;

export const columnNames = Object.keys(columnTypes) as ColumnName[];

/** Columns whose numbers stand for texts of `names`. */
export const namedColumns = ['model', 'provider', 'session', 'project', 'tier', 'region'] as const;

/** A count that the log does not give. */
export const unknownCount = 0xffff_ffff;
/** The largest count of one call that is believed. */
export const callCountMax = 1_000_000_000;

/** `anonymous`: the log gives no id of its own; the one in the table was made up. */
export const flag = { sidechain: 1, ended: 2, heuristic: 4, modelAssumed: 8, anonymous: 16 } as const;

/** One call on its way into the table; left out is null, 0 or false. */
export interface Row {
  readonly at: number;
  readonly id: string;
  readonly requestId?: string;
  readonly model: number;
  readonly provider: number;
  readonly session: number;
  readonly project: number;
  readonly tier?: number;
  readonly region?: number;
  readonly file: number;
  readonly flags: number;
  readonly item?: number;
  readonly counts: Counts;
}

/** null is unknown. */
export interface Counts {
  readonly input: number | null;
  readonly cacheRead: number | null;
  readonly cacheWrite5m: number | null;
  readonly cacheWrite1h: number | null;
  readonly cacheWrite: number | null;
  readonly output: number | null;
  readonly reasoning: number | null;
  readonly webSearch: number;
}

const firstCapacity = 1024;
/** Longer ids do not occur; their columns hold 16 bits. */
const idLengthMax = 1_000;

/** Rows that stand together. */
export interface RowRange {
  readonly start: number;
  readonly count: number;
}

export class MessageTable {
  count = 0;
  columns: Columns;
  /** 0 is "none". */
  readonly names: (string | null)[] = [null];
  /** As in the log, one byte a character: ids are compared, not read. */
  idBytes: Buffer;
  idBytesUsed = 0;
  readonly #byName = new Map<string, number>();

  constructor(capacity = firstCapacity) {
    this.columns = openColumns(capacity);
    this.idBytes = Buffer.allocUnsafe(capacity * 64);
  }

  /** A table over columns that were kept. */
  static of(kept: {
    columns: Columns;
    count: number;
    names: readonly (string | null)[];
    idBytes: Buffer;
  }): MessageTable {
    const table = new MessageTable(0);
    table.columns = kept.columns;
    table.count = kept.count;
    table.idBytes = kept.idBytes;
    table.idBytesUsed = kept.idBytes.length;
    for (const name of kept.names.slice(1)) table.name(name!);
    return table;
  }

  /** The number of a text; 0 for none. */
  name(text: string | null): number {
    if (text === null) return 0;
    const known = this.#byName.get(text);
    if (known !== undefined) return known;
    // A slice would keep the whole line alive that it was cut from.
    const own = Buffer.from(text, 'utf8').toString('utf8');
    this.#byName.set(own, this.names.length);
    return this.names.push(own) - 1;
  }

  add(row: Row): void {
    if (this.count === this.columns.at.length) this.#grow();
    const { columns, count: at } = this;
    columns.at[at] = row.at;
    columns.model[at] = row.model;
    columns.provider[at] = row.provider;
    columns.session[at] = row.session;
    columns.project[at] = row.project;
    columns.tier[at] = row.tier ?? 0;
    columns.region[at] = row.region ?? 0;
    columns.file[at] = row.file;
    columns.flags[at] = row.flags;
    columns.item[at] = row.item ?? 0;
    this.setCounts(at, row.counts);
    this.#addIds(at, row.id, row.requestId ?? '');
    this.count += 1;
  }

  /** The same call once more: the counts with more tokens stand (the later where they are the same), and the first instant. */
  merge(at: number, other: Pick<Row, 'at' | 'flags' | 'counts'>): void {
    const { columns } = this;
    columns.at[at] = Math.min(columns.at[at]!, other.at);
    columns.flags[at]! |= other.flags & (flag.ended | flag.heuristic);
    if (tokensOf(other.counts) >= this.tokens(at)) this.setCounts(at, other.counts);
  }

  /** The same between two rows. */
  mergeRows(at: number, other: number): void {
    this.merge(at, {
      at: this.columns.at[other]!,
      flags: this.columns.flags[other]!,
      counts: this.counts(other),
    });
  }

  /** All tokens of a call; unknown ones are none. */
  tokens(at: number): number {
    return tokensOf(this.counts(at));
  }

  counts(at: number): Counts {
    const { columns } = this;
    return {
      input: countIn(columns.input[at]!),
      cacheRead: countIn(columns.cacheRead[at]!),
      cacheWrite5m: countIn(columns.cacheWrite5m[at]!),
      cacheWrite1h: countIn(columns.cacheWrite1h[at]!),
      cacheWrite: countIn(columns.cacheWrite[at]!),
      output: countIn(columns.output[at]!),
      reasoning: countIn(columns.reasoning[at]!),
      webSearch: columns.webSearch[at]!,
    };
  }

  setCounts(at: number, counts: Counts): void {
    const { columns } = this;
    columns.input[at] = cell(counts.input);
    columns.cacheRead[at] = cell(counts.cacheRead);
    columns.cacheWrite5m[at] = cell(counts.cacheWrite5m);
    columns.cacheWrite1h[at] = cell(counts.cacheWrite1h);
    columns.cacheWrite[at] = cell(counts.cacheWrite);
    columns.output[at] = cell(counts.output);
    columns.reasoning[at] = cell(counts.reasoning);
    columns.webSearch[at] = Math.min(counts.webSearch, callCountMax);
  }

  /** Rows of another table that stand together, as they are, under other numbers for their texts and their file. */
  copyRows(
    from: MessageTable,
    range: RowRange,
    to: { readonly file: number; readonly names: Uint32Array },
  ): void {
    const { start, count } = range;
    if (count === 0) return;
    while (this.count + count > this.columns.at.length) this.#grow();
    for (const column of columnNames) {
      this.columns[column].set(from.columns[column].subarray(start, start + count) as never, this.count);
    }
    const { columns } = this;
    const last = start + count - 1;
    const idsFrom = from.columns.idFrom[start]!;
    const idsTo =
      from.columns.idFrom[last]! + from.columns.idLength[last]! + from.columns.requestLength[last]!;
    this.#roomForIds(idsTo - idsFrom);
    from.idBytes.copy(this.idBytes, this.idBytesUsed, idsFrom, idsTo);
    const moved = this.idBytesUsed - idsFrom;
    this.idBytesUsed += idsTo - idsFrom;
    const end = this.count + count;
    for (const name of namedColumns) {
      const column = columns[name];
      for (let at = this.count; at < end; at += 1) column[at] = to.names[column[at]!]!;
    }
    for (let at = this.count; at < end; at += 1) columns.idFrom[at]! += moved;
    columns.file.fill(to.file, this.count, end);
    this.count = end;
  }

  id(row: number): string {
    const from = this.columns.idFrom[row]!;
    return this.idBytes.toString('utf8', from, from + this.columns.idLength[row]!);
  }

  requestId(row: number): string {
    const from = this.columns.idFrom[row]! + this.columns.idLength[row]!;
    return this.idBytes.toString('utf8', from, from + this.columns.requestLength[row]!);
  }

  hasSameId(left: number, right: number): boolean {
    const { idFrom, idLength } = this.columns;
    const length = idLength[left]!;
    return length === idLength[right] && this.#sameBytes(idFrom[left]!, idFrom[right]!, length);
  }

  hasSameRequest(left: number, right: number): boolean {
    const { idFrom, idLength, requestLength } = this.columns;
    const length = requestLength[left]!;
    if (length !== requestLength[right]) return false;
    return this.#sameBytes(idFrom[left]! + idLength[left]!, idFrom[right]! + idLength[right]!, length);
  }

  /** FNV-1a over the bytes of the id. */
  hashId(row: number): number {
    const from = this.columns.idFrom[row]!;
    const to = from + this.columns.idLength[row]!;
    let hash = 0x811c9dc5;
    for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ this.idBytes[at]!, 0x01000193);
    return (hash ^ (hash >>> 15)) >>> 0;
  }

  #sameBytes(left: number, right: number, length: number): boolean {
    const { idBytes } = this;
    for (let at = 0; at < length; at += 1) if (idBytes[left + at] !== idBytes[right + at]) return false;
    return true;
  }

  #addIds(at: number, wholeId: string, wholeRequestId: string): void {
    const id = wholeId.slice(0, idLengthMax);
    const requestId = wholeRequestId.slice(0, idLengthMax);
    this.#roomForIds(id.length + requestId.length);
    const { columns } = this;
    columns.idFrom[at] = this.idBytesUsed;
    columns.idLength[at] = this.idBytes.write(id, this.idBytesUsed, 'latin1');
    columns.requestLength[at] = this.idBytes.write(requestId, this.idBytesUsed + id.length, 'latin1');
    this.idBytesUsed += id.length + requestId.length;
  }

  #roomForIds(length: number): void {
    if (this.idBytesUsed + length <= this.idBytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.idBytes.length * 2, this.idBytesUsed + length, 1024));
    this.idBytes.copy(larger, 0, 0, this.idBytesUsed);
    this.idBytes = larger;
  }

  #grow(): void {
    const larger = openColumns(Math.max(firstCapacity, this.columns.at.length * 2));
    for (const column of columnNames) larger[column].set(this.columns[column] as never);
    this.columns = larger;
  }
}

/** Disjoint kinds; reasoning is part of the output. */
function tokensOf({ input, cacheRead, cacheWrite5m, cacheWrite1h, cacheWrite, output }: Counts): number {
  return (
    (input ?? 0) +
    (cacheRead ?? 0) +
    (cacheWrite5m ?? 0) +
    (cacheWrite1h ?? 0) +
    (cacheWrite ?? 0) +
    (output ?? 0)
  );
}

function countIn(cell: number): number | null {
  return cell === unknownCount ? null : cell;
}

/** A count that nobody can believe is unknown. */
function cell(count: number | null): number {
  return count === null || count > callCountMax ? unknownCount : count;
}

export function openColumns(capacity: number): Columns {
  return Object.fromEntries(
    columnNames.map((name) => [name, new columnTypes[name](capacity)]),
  ) as unknown as Columns;
}
