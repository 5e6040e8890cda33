import type { Row } from '../row.ts';
import type { Answer, Client, Parameter, Pool } from './driver.ts';

/** What work inside a transaction may ask. Questions are sent as they come, without waiting for the answers before them. */
export interface Session {
  rows(sql: string, ...values: Parameter[]): Promise<Row[]>;
  row(sql: string, ...values: Parameter[]): Promise<Row | undefined>;
  /** How many rows were changed. */
  run(sql: string, ...values: Parameter[]): Promise<number>;
  ask(sql: string, values?: readonly Parameter[]): Promise<Answer>;
  /** A statement without parameters, of which the server makes sure that it is only one. */
  alone(sql: string): Promise<Answer>;
  /** Sends it, and leaves it to the next question or to the commit to hear of an error. */
  send(sql: string, ...values: Parameter[]): void;
}

/** One statement waits for a lock for so long, and runs for so long. */
export const lockTimeoutMs = 10_000;
export const statementTimeoutMs = 30_000;
/** A report or a proof reads many rows at once. */
const readTimeoutMs = 300_000;
/** A transaction whose program has gone away is ended by the server after so long: less than others wait for its locks. */
const idleTimeoutMs = 8_000;
/** Whoever holds a moment for reading holds no lock that others wait for. */
const viewIdleTimeoutMs = 600_000;

/** The server ends a statement first; this much later its silence means that nobody is there. */
const answerMarginMs = 5_000;

interface Begin {
  readonly sql: string;
  readonly timeoutMs: number;
}

/** `batch` shares the rules, `rules` has them alone. */
export type Mode = 'batch' | 'rules' | 'write' | 'snapshot';

/** A commit of which nobody knows whether it happened: its answer was lost. */
export class CommitUnknown extends Error {}

export class Connections {
  readonly #pool: Pool;
  readonly #begins: Readonly<Record<Mode, Begin>>;

  /** `schema` is a name that may stand between quotes as it is. */
  constructor(pool: Pool, schema: string) {
    this.#pool = pool;
    this.#begins = begins(schema);
  }

  /**
   * Runs `work` between BEGIN and COMMIT. After any error the connection is dropped, and with it the transaction. All settings
   * end with it: a pooler may give the next one to another server process. Throws CommitUnknown where only the answer to
   * COMMIT is missing.
   */
  async transaction<T>(mode: Mode, work: (session: Session) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let committing = false;
    try {
      const session = new Open(client, this.#begins[mode]);
      const result = await work(session);
      committing = true;
      await session.commit();
      client.release();
      return result;
    } catch (error) {
      client.release(true);
      if (committing && !isRefusal(error))
        throw new CommitUnknown('COMMIT was not answered', { cause: error });
      throw error;
    }
  }

  /** Several reads that see one moment. */
  snapshot<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.transaction('snapshot', work);
  }

  /** A transaction that stays open for reading, until `end`. */
  async hold(): Promise<{ readonly session: Session; end(): void }> {
    const client = await this.#pool.connect();
    const session = new Open(client, this.#begins.snapshot);
    const end = () => client.release(true);
    try {
      // The moment is taken by the first question, not by BEGIN.
      await session.row('SELECT 1 FROM nanocent_meta');
    } catch (error) {
      end();
      throw error;
    }
    return { session, end };
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}

class Open implements Session {
  readonly #client: Client;
  readonly #timeoutMs: number;
  readonly #sent: Promise<Answer>[] = [];

  constructor(client: Client, begin: Begin) {
    this.#client = client;
    this.#timeoutMs = begin.timeoutMs + answerMarginMs;
    this.#send({ text: begin.sql, rowMode: 'array' });
  }

  ask(text: string, values: readonly Parameter[] = []): Promise<Answer> {
    return this.#answered(this.#send({ text, values, rowMode: 'array' }));
  }

  alone(text: string): Promise<Answer> {
    return this.#answered(this.#send({ text, rowMode: 'array', queryMode: 'extended' }));
  }

  async #answered(answer: Promise<Answer>): Promise<Answer> {
    // An answer is worth nothing where BEGIN or anything before it has failed.
    await this.#settled();
    return answer;
  }

  send(text: string, ...values: Parameter[]): void {
    this.#send({ text, values, rowMode: 'array' });
  }

  async rows(sql: string, ...values: Parameter[]): Promise<Row[]> {
    return (await this.ask(sql, values)).rows;
  }

  async row(sql: string, ...values: Parameter[]): Promise<Row | undefined> {
    return (await this.ask(sql, values)).rows[0];
  }

  async run(sql: string, ...values: Parameter[]): Promise<number> {
    return (await this.ask(sql, values)).rowCount ?? 0;
  }

  /** PostgreSQL answers COMMIT with ROLLBACK, and no error, where the transaction had failed before. */
  async commit(): Promise<void> {
    const { command } = await this.ask('COMMIT');
    if (command !== 'COMMIT') throw new Error(`COMMIT was answered with ${command}`);
  }

  #send(query: Omit<Parameters<Client['query']>[0], 'query_timeout'>): Promise<Answer> {
    const answer = this.#client.query({ ...query, query_timeout: this.#timeoutMs });
    // Whoever waits for it hears of its error; until then it is not unheard.
    answer.catch(() => {});
    this.#sent.push(answer);
    return answer;
  }

  async #settled(): Promise<void> {
    await Promise.all(this.#sent.splice(0));
  }
}

/** Whether the server itself said no: then nothing is committed. */
function isRefusal(error: unknown): boolean {
  const code = sqlState(error);
  return code !== null && !code.startsWith('08') && !code.startsWith('57P');
}

/** SQLSTATE of an error that the server sent; null for any other. */
export function sqlState(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/**
 * Rules are read under a lock of their table that batches share and a change of rules has alone. A lock of the table, not of
 * a row: it queues, so that a change is not put off for ever by batches that come one after the other; and it writes nothing.
 */
function begins(schema: string): Record<Mode, Begin> {
  const settings = (timeoutMs: number, idleMs: number) =>
    `SET LOCAL search_path TO "${schema}", pg_temp; SET LOCAL lock_timeout = ${lockTimeoutMs};
    SET LOCAL statement_timeout = ${timeoutMs}; SET LOCAL idle_in_transaction_session_timeout = ${idleMs}`;
  const write = `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
    ${settings(statementTimeoutMs, idleTimeoutMs)}; SET LOCAL synchronous_commit = on`;
  const writing = (sql: string) => ({ sql, timeoutMs: statementTimeoutMs });
  return {
    batch: writing(`${write}; LOCK TABLE nanocent_limits IN ROW SHARE MODE`),
    rules: writing(`${write}; LOCK TABLE nanocent_limits IN EXCLUSIVE MODE`),
    write: writing(write),
    snapshot: {
      sql: `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${settings(readTimeoutMs, viewIdleTimeoutMs)}`,
      timeoutMs: readTimeoutMs,
    },
  };
}
