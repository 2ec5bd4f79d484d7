import type { Page } from './readPage.js';
import type { StagedPage } from './stagingLanes.js';

/** How a page comes to be staged. */
export interface PageSupply {
  /** @param after key of the row before the page; null for the first */
  read(after: string | null): Promise<Page>;
  stage(page: Page): Promise<StagedPage>;
  /** False once no further page may be begun: the slice is over or the work cancelled. */
  goesOn(): boolean;
}

/**
 * An entity's pages on their way: while one is written, the next is staged, and the one after that is read. Two pages
 * are in memory at most. A page that was read is staged and given out even if the slice ends meanwhile, so that no read
 * of production is for nothing.
 */
export class PagesAhead {
  #reading: Promise<Page> | null;
  #staged: Promise<StagedPage | null>;

  /** @param after where the first page begins; null at the beginning of the entity */
  constructor(
    readonly supply: PageSupply,
    after: string | null,
  ) {
    this.#reading = ahead(supply.read(after));
    this.#staged = ahead(this.#prepare());
  }

  /**
   * The next page, staged; null when the entity or the slice is over. Meanwhile the one after it begins to be staged.
   * @throws what reading or staging it met, when it is its turn
   */
  async next(): Promise<StagedPage | null> {
    const page = await this.#staged;
    this.#staged = ahead(this.#prepare());
    return page;
  }

  /** Forgets the pages ahead and begins after another row: somebody else has written the batch with other bounds. */
  async restart(after: string | null): Promise<void> {
    await this.#staged;
    await this.#reading;
    this.#reading = this.supply.goesOn() ? ahead(this.supply.read(after)) : null;
    this.#staged = ahead(this.#prepare());
  }

  /** Waits until nothing is read or staged any more. What is still staged is given up. */
  async stop(): Promise<void> {
    await Promise.allSettled([this.#staged]);
    await Promise.allSettled([this.#reading]);
  }

  async #prepare(): Promise<StagedPage | null> {
    const reading = this.#reading;
    if (reading === null) return null;
    const page = await reading;
    this.#reading = page.last || !this.supply.goesOn() ? null : ahead(this.supply.read(page.endKey));
    return this.supply.stage(page);
  }
}

/** What fails ahead of its turn is reported when it is its turn. */
function ahead<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}
