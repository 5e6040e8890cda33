import type { Context } from './context.ts';
import { expireDue } from './expire-due.ts';

/** Books what waits in the spool, of whatever process. Throws what the store throws when it is still away. */
export async function replaySpool({ spool, ledger }: Pick<Context, 'spool' | 'ledger'>): Promise<void> {
  if (!spool) return;
  await spool.look();
  if (spool.hasFiles) await spool.replay(ledger);
}

/**
 * What any process that lives long does for a ledger: books what waits in the spool, then closes holds whose deadline has
 * passed. The spool goes first: what ended in time is settled, not charged as held; while it cannot be booked, nothing is closed.
 */
export async function lookAfter(
  context: Pick<Context, 'spool' | 'ledger'>,
  onTrouble: (what: 'replay_failed' | 'sweep_failed', error: unknown) => void,
): Promise<void> {
  try {
    await replaySpool(context);
  } catch (error) {
    return onTrouble('replay_failed', error);
  }
  try {
    await expireDue(context.ledger);
  } catch (error) {
    onTrouble('sweep_failed', error);
  }
}
