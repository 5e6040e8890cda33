import type { NanocentConfig } from './config.ts';
import { configuration } from './description.ts';
import { withoutSecrets } from './secrets.ts';

/** What may be printed of a configuration: a key that stands in it is `[secret]`, one that stands elsewhere says where. */
export function shownRoots(roots: NanocentConfig): Readonly<Record<string, unknown>> {
  return withoutSecrets(roots, configuration) as Readonly<Record<string, unknown>>;
}
