import { resolve } from 'node:path';
import type { ObserveCall } from '../core/call-observer.ts';
import type { Ids } from '../core/context.ts';
import { NanocentError } from '../errors/error.ts';
import { AuditLog, createSeal, PromptLog, type PromptLogSettings } from '../logs/index.ts';
import type { LogStore } from '../store/log.ts';
import type { Clock } from '../time/clock.ts';
import { callObserver } from './call-logs.ts';
import type { OnTrouble } from './housekeeping.ts';
import { openStore } from './open-store.ts';
import type { Environment } from './store-location.ts';

/** What is kept of prompts and answers. Nothing is unless this is given (docs/logs.md). */
export interface PromptLogOptions extends Omit<PromptLogSettings, 'seal' | 'onError' | 'retentionMs'> {
  /** An SQLite file of its own for the prompts; without it they lie in the ledger's store, in a table of their own. */
  readonly file?: string;
  /** Rows older than this many days are deleted; kept for ever when left out. */
  readonly retentionDays?: number;
  /** Encrypts what is stored: 32 bytes in base64 or hex; NANOCENT_PROMPT_KEY when left out. */
  readonly encryptionKey?: string;
}

/** What the audit log gets without being told. */
export interface AuditOptions {
  /** A prompt and a response are logged for every metered call, without being told to. */
  readonly everyCall?: boolean;
}

export interface LogOptions {
  readonly promptLog?: PromptLogOptions | boolean | undefined;
  readonly audit?: AuditOptions | undefined;
  readonly onTrouble?: OnTrouble | undefined;
}

export interface Logs {
  readonly audit: AuditLog;
  /** Reads and purges what is there; keeps new prompts only where `promptLog` was asked for. */
  readonly prompts: PromptLog;
  readonly observe: ObserveCall;
  close(): Promise<void>;
}

const dayMs = 86_400_000;

/** Throws config_invalid or field_invalid, naming the setting. */
export async function openLogs(
  options: LogOptions,
  around: {
    readonly store: LogStore;
    readonly ids: Ids;
    readonly clock: Clock;
    readonly environment: Environment;
    readonly readOnly: boolean;
  },
): Promise<Logs> {
  const { ids, clock, environment, readOnly } = around;
  const now = () => clock.now();
  const uuid = () => ids.uuid();
  const wanted = options.promptLog === true ? {} : options.promptLog || null;
  const trouble = (error: unknown) => options.onTrouble?.('log_failed', error);
  const settings = settingsOf(wanted ?? {}, environment, trouble);
  const own = wanted?.file === undefined ? null : await openFile(wanted.file, clock, readOnly);
  const prompts = new PromptLog(own ?? around.store, settings, now);
  const audit = new AuditLog(around.store, { uuid, now });
  const observe = callObserver({
    prompts,
    keepsPrompts: wanted !== null,
    audit: options.audit?.everyCall === true ? audit : null,
    uuid,
    now,
    onError: trouble,
  });
  return {
    audit,
    prompts,
    observe,
    async close() {
      await prompts.flush();
      await own?.close();
    },
  };
}

function settingsOf(
  { retentionDays, encryptionKey, file: _, ...rest }: PromptLogOptions,
  environment: Environment,
  onError: (error: unknown) => void,
): PromptLogSettings {
  const key = encryptionKey ?? environment.NANOCENT_PROMPT_KEY;
  const { sizeBytesMax } = rest;
  if (sizeBytesMax !== undefined && !(Number.isSafeInteger(sizeBytesMax) && sizeBytesMax >= 0)) {
    throw invalid('promptLog.sizeBytesMax', 'a whole number of bytes from 0');
  }
  if (retentionDays !== undefined && !(retentionDays > 0 && retentionDays <= 36_500)) {
    throw invalid('promptLog.retentionDays', 'a number of days above 0, at most 36500');
  }
  return {
    ...rest,
    ...(retentionDays === undefined ? {} : { retentionMs: retentionDays * dayMs }),
    ...(key === undefined || key === '' ? {} : { seal: createSeal(key) }),
    onError,
  };
}

function openFile(file: string, clock: Clock, readOnly: boolean) {
  return openStore({ engine: 'sqlite', file: resolve(file), createFolder: false }, { clock, readOnly });
}

function invalid(field: string, wanted: string): NanocentError {
  return new NanocentError('config_invalid', `${field} must be ${wanted}`, { field });
}
