import type { DestinationSession } from '../../sqlserver/session.js';
import { emptyStaging, stagingTable } from './stagingTable.js';

const drops = [stagingTable, '#matched', '#ids', '#link'].map((name) => `DROP TABLE IF EXISTS ${name};`);

/**
 * The temporary tables of one session, which serve one entity after another: entities of the same layout share them, as
 * small ones often do.
 */
export class TemporaryTables {
  #layout: string | null = null;
  /** True once rows were staged that nobody has taken away. */
  #holdsRows = false;

  constructor(readonly session: DestinationSession) {}

  /** @param create the statements that create the tables of the next entity; dropped are all that another may have left */
  async prepare(create: readonly string[]): Promise<void> {
    const layout = create.join('\n');
    if (layout === this.#layout) return;
    this.#layout = null;
    await this.session.batch([...drops, layout].join('\n'));
    this.#layout = layout;
    this.#holdsRows = false;
  }

  /** To be called before rows are staged. */
  async makeRoom(): Promise<void> {
    if (this.#holdsRows) await this.session.batch(emptyStaging);
    this.#holdsRows = true;
  }

  /** To be called when a batch took its staged rows away as it was committed. */
  emptied(): void {
    this.#holdsRows = false;
  }
}
