import { dashboardPages } from '../../dashboard/index.ts';
import {
  type Gateway,
  type GatewayEvent,
  type Provider,
  providersFromEnvironment,
  startDemoProvider,
  startGateway,
} from '../../gateway/index.ts';
import { exitCodes } from '../exit-code.ts';
import { openDemoLedger, openLedger } from '../open-ledger.ts';
import { hintsFor } from '../serve-hints.ts';
import type { Shell } from '../shell.ts';
import { untilAsked } from '../until-asked.ts';

export async function run(shell: Shell): Promise<number> {
  const { arguments: given, terminal } = shell;
  const demo = given.has('demo');
  const host = given.text('host');
  const port = given.whole('port', { min: 0, max: 65_535 });
  // Wrong settings are said before a ledger is opened or made.
  const configured = providersFromEnvironment(terminal.environment);
  const books = demo ? await openDemoLedger(shell) : await openLedger(shell, { thread: true });
  const demoProvider = demo ? await startDemoProvider() : null;
  const providers: readonly Provider[] = demoProvider ? demoProvider.providers : configured;
  try {
    const gateway = await startGateway({
      context: books.context,
      providers,
      pages: dashboardPages(books.context),
      log: logTo(shell),
      ...(host === undefined ? {} : { host }),
      ...(port === undefined ? {} : { port }),
    });
    // Before anyone knows the address: whoever reads it may send a signal at once.
    const asked = untilAsked();
    terminal.out(`${gateway.url}\n`);
    const file = demo || given.has('db-file') ? books.reads.location : null;
    const hints = hintsFor({ url: gateway.url, providers, demo, file, style: shell.noteStyle });
    if (!shell.quiet) terminal.err(hints);
    return await closeWhen(asked, shell, gateway);
  } finally {
    await demoProvider?.close();
    await books.close();
  }
}

/** The first signal lets running calls end and be settled; the second cuts them. */
async function closeWhen(asked: Promise<void>, shell: Shell, gateway: Gateway): Promise<number> {
  await asked;
  const running = gateway.active;
  if (running > 0) {
    shell.note(
      `stopping: ${running === 1 ? 'one call is' : `${running} calls are`} still running; again to cut short`,
    );
  }
  const closed = gateway.close();
  void untilAsked().then(() => gateway.close());
  await closed;
  return exitCodes.done;
}

/** Only what went wrong: calls are in the ledger. */
const troubles: ReadonlySet<GatewayEvent['event']> = new Set([
  'replay_failed',
  'sweep_failed',
  'settle_failed',
  'settle_spooled',
  'renew_failed',
]);

function logTo(shell: Shell): (event: GatewayEvent) => void {
  return (event) => {
    if (troubles.has(event.event))
      shell.terminal.err(`${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`);
  };
}
