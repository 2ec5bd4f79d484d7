/** One code that the product may show, as docs/errors.md explains it. */
export interface CatalogueEntry {
  readonly code: string;
  readonly meaning: string;
  /** True: tried again without end, and shown meanwhile. False: stops the command, the stage or the run. */
  readonly retried: boolean;
  readonly remedy: string;
}

/** What a table of codes, written down where no call holds them, says of one. */
export type CodeText = Omit<CatalogueEntry, 'code'>;
