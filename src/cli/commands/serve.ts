import { Settings } from '../../books/settings.ts';
import { dashboardPages } from '../../dashboard/index.ts';
import {
  type Gateway,
  type GatewayEvent,
  type Provider,
  startDemoProvider,
  startGateway,
} from '../../gateway/index.ts';
import { exitCodes } from '../exit-code.ts';
import { openConfig } from '../open-config.ts';
import { openDemoLedger, openLedger } from '../open-ledger.ts';
import { hintsFor } from '../serve-hints.ts';
import { servedProviders } from '../serve-providers.ts';
import type { Shell } from '../shell.ts';
import { untilAsked } from '../until-asked.ts';

export async function run(shell: Shell): Promise<number> {
  const { arguments: given, terminal } = shell;
  const demo = given.has('demo');
  // Wrong settings are said before a ledger is opened or made.
  const settings = new Settings(demo ? null : await openConfig(shell), terminal.environment);
  const served = servedProviders(settings, terminal.environment);
  for (const name of served.unserved) shell.note(`${name} is not served by the gateway of this version`);
  const { host = settings.gateway.host, port = settings.gateway.port } = {
    host: given.text('host'),
    port: given.whole('port', { min: 0, max: 65_535 }),
  };
  const { bounds } = settings.gateway;
  const books = demo ? await openDemoLedger(shell) : await openLedger(shell, { thread: true });
  const demoProvider = demo ? await startDemoProvider() : null;
  const providers: readonly Provider[] = demoProvider ? demoProvider.providers : served.providers;
  try {
    const gateway = await startGateway({
      context: books.context,
      providers,
      pages: dashboardPages(books.context),
      log: logTo(shell),
      ...(host === undefined ? {} : { host }),
      ...(port === undefined ? {} : { port }),
      ...(bounds === undefined ? {} : { bounds }),
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
