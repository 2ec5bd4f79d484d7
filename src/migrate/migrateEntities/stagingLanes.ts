import type { DestinationSession } from '../../sqlserver/session.js';
import type { StageContext } from '../stageContext.js';
import type { EntityShape } from './entityShape.js';
import { pageDigest } from './pageDigest.js';
import type { Page } from './readPage.js';
import { loadPage } from './stagingTable.js';
import { TemporaryTables } from './temporaryTables.js';

/** A page whose rows are in the staging table of a lane, and no longer in memory. */
export interface StagedPage extends Omit<Page, 'content'> {
  readonly lane: StagingLane;
  /** Of the rows as they were read; null for an empty page. */
  readonly digest: string | null;
  /** Milliseconds that loading them took. */
  readonly loading: number;
}

/** A session of the destination with the temporary tables of one page. */
export class StagingLane {
  readonly #tables: TemporaryTables;

  constructor(readonly session: DestinationSession) {
    this.#tables = new TemporaryTables(session);
  }

  /** @param create the statements that create the temporary tables of an entity */
  async stage(create: readonly string[], shape: EntityShape, { content, ...page }: Page): Promise<StagedPage> {
    const started = Date.now();
    await this.#tables.prepare(create);
    await this.#tables.makeRoom();
    if (page.rowCount > 0) await loadPage(this.session, shape, content);
    const digest = page.rowCount === 0 ? null : pageDigest(content);
    // The server has answered the load, so none of the rows is still to be sent; what failed keeps its memory.
    if (content.path === 'relay') content.rows.release();
    return { ...page, lane: this, digest, loading: Date.now() - started };
  }

  /** To be called when the staged rows went with the commit of their batch. */
  emptied(): void {
    this.#tables.emptied();
  }
}

/**
 * The lanes of one slice: while one's page is written, the next page is staged in the other. Batches of a work item are
 * still written one after another; only loads into temporary tables, which nobody else sees, go ahead of their turn.
 * An entity of one page needs one lane, so the other's session is not opened before there is a second page.
 */
export class StagingLanes {
  readonly #first: StagingLane;
  #second: Promise<StagingLane> | null = null;
  #turn = 0;

  /**
   * @param first the session of the slice, which is not closed here
   * @param prepare gives a further session what the first one has and the statements of the entity rely on
   */
  constructor(
    readonly context: Pick<StageContext, 'destination'>,
    first: DestinationSession,
    readonly prepare: (session: DestinationSession) => Promise<void> = () => Promise.resolve(),
  ) {
    this.#first = new StagingLane(first);
  }

  /** The lane that an entity's first page takes. */
  restart(): void {
    this.#turn = 0;
  }

  /** The lane of the next page. */
  next(): Promise<StagingLane> {
    this.#turn += 1;
    if (this.#turn % 2 === 1) return Promise.resolve(this.#first);
    this.#second ??= this.#openSecond();
    return this.#second;
  }

  async #openSecond(): Promise<StagingLane> {
    const session = await this.context.destination();
    try {
      await this.prepare(session);
      return new StagingLane(session);
    } catch (error) {
      session.close();
      throw error;
    }
  }

  /** Ends a load that is under way too; what it has loaded ends with the session. */
  async close(): Promise<void> {
    const second = await this.#second?.catch(() => null);
    second?.session.close();
  }
}

/** Works with staging lanes, and closes them whatever happens; for the parameters see StagingLanes. */
export async function withStagingLanes<T>(
  context: Pick<StageContext, 'destination'>,
  first: DestinationSession,
  work: (lanes: StagingLanes) => Promise<T>,
  prepare?: (session: DestinationSession) => Promise<void>,
): Promise<T> {
  const lanes = new StagingLanes(context, first, prepare);
  try {
    return await work(lanes);
  } finally {
    await lanes.close();
  }
}
