import type { Refused } from '../../books/books.ts';
import { limitStateDocument, reservationDocument } from '../../books/documents.ts';
import { NanocentError } from '../../errors/error.ts';
import { formatUsdRounded, parseNanocents, parseUsd } from '../../money/index.ts';
import type { Arguments } from '../arguments.ts';
import { attributionFrom } from '../attribution.ts';
import { exitCodes } from '../exit-code.ts';
import { printComplaint } from '../failure.ts';
import { printRefusals, refusalDocuments } from '../refusals.ts';
import type { Shell } from '../shell.ts';

const ttlSecondsDefault = 600;

export async function run(shell: Shell): Promise<number> {
  const { arguments: given, noteStyle } = shell;
  const ttlSeconds = given.whole('ttl', { min: 1, max: 86_400 }) ?? ttlSecondsDefault;
  const input = {
    ...attributionFrom(given),
    nanocents: amountFrom(given),
    ttlMs: ttlSeconds * 1000,
    onExpire:
      given.text('on-expire')?.toLowerCase() === 'charge' ? ('charge' as const) : ('release' as const),
    idempotencyKey: given.text('idempotency-key'),
  };
  const books = await shell.books();
  const result = await books.reserve(input);
  if (result.outcome === 'refused') return refused(shell, result, books.context.clock.now());
  const { reservation, replayed } = result;
  const verb = replayed ? 'already reserved' : 'reserved';
  shell.note(
    `${noteStyle.green(verb)} ${formatUsdRounded(reservation.admitted.cost ?? 0n)} until ` +
      `${new Date(reservation.expiresAt).toISOString()}`,
  );
  shell.note(noteStyle.dim(`  then: nanocent settle ${reservation.id} --usd X`));
  const remaining = shell.format === 'json' ? await result.remaining() : [];
  await shell.report({
    json: () => ({
      ...reservationDocument(reservation, replayed),
      remaining: remaining.map(limitStateDocument),
    }),
    text: () => `${reservation.id}\n`,
  });
  return exitCodes.done;
}

/** Exactly one of --usd and --nanocents. Throws field_missing, field_invalid, amount_invalid. */
export function amountFrom(given: Arguments): bigint {
  const usd = given.text('usd');
  const nanocents = given.text('nanocents');
  if (usd !== undefined && nanocents !== undefined) {
    throw new NanocentError('field_invalid', '--usd and --nanocents both say how much', {
      field: '--nanocents',
      fix: 'give exactly one of them',
    });
  }
  if (usd !== undefined) return parseUsd(usd, { field: '--usd' });
  if (nanocents !== undefined) return parseNanocents(nanocents, { field: '--nanocents' });
  throw new NanocentError('field_missing', 'the amount is missing', {
    field: '--usd',
    fix: 'give --usd or --nanocents',
  });
}

/** An outcome, not an error: the document is data, the words are for a person. */
async function refused(shell: Shell, { refusals, insufficient }: Refused, now: number): Promise<number> {
  printRefusals(shell, refusals);
  if (insufficient) {
    const { accountant, error } = insufficient;
    printComplaint(shell.terminal, shell.noteStyle, `refused by accountant ${accountant}: ${error.message}`);
  }
  if (shell.format === 'json') {
    await shell.report({
      json: () => ({
        schema: 'nanocent.refusal/1',
        allowed: false,
        refusals: refusalDocuments(refusals, now),
      }),
      text: () => '',
    });
  }
  return exitCodes.refused;
}
