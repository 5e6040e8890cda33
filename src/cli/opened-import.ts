import type { ImportDefaults, ImportOptions, ImportSource, ImportSummary } from '../exchange/index.ts';

/** A source that is ready to be imported, wherever the work is done. */
export interface OpenedImport {
  /** Final once `run` has ended. */
  readonly facts: Pick<ImportSource, 'name' | 'places' | 'passedOver'>;
  run(options: ImportOptions & { readonly defaults: ImportDefaults }): Promise<ImportSummary>;
}
