import { describe, expect, it } from 'vitest';
import { PagesAhead, type PageSupply } from '../../../src/migrate/migrateEntities/pagesAhead.js';
import type { Page } from '../../../src/migrate/migrateEntities/readPage.js';
import type { StagedPage, StagingLane } from '../../../src/migrate/migrateEntities/stagingLanes.js';

/** A source of `rows` rows whose keys are 1, 2, 3 …, in pages of two; each step waits until it is let go on. */
class PretendedSource implements PageSupply {
  readonly steps: string[] = [];
  goes = true;
  /** Steps that have begun and not ended, in order. */
  readonly #waiting: { readonly name: string; go(): void }[] = [];
  failing: string | null = null;

  constructor(readonly rows: number) {}

  goesOn(): boolean {
    return this.goes;
  }

  async read(after: string | null): Promise<Page> {
    await this.#step(`read after ${after}`);
    const first = Number(after ?? 0);
    const end = Math.min(first + 2, this.rows);
    return {
      rowCount: end - first,
      bytes: 1,
      content: { path: 'driver', rows: [] },
      endKey: end === first ? null : String(end),
      last: end === this.rows,
    };
  }

  async stage({ content: _, ...page }: Page): Promise<StagedPage> {
    await this.#step(`stage ${page.endKey}`);
    return { ...page, lane: {} as StagingLane, digest: null, loading: 0 };
  }

  get underWay(): string[] {
    return this.#waiting.map(({ name }) => name);
  }

  /** Ends a step that is under way, and waits until nothing further happens by itself. */
  async finish(name: string): Promise<void> {
    const at = this.#waiting.findIndex((each) => each.name === name);
    if (at < 0) throw new Error(`${name} is not under way: ${this.underWay.join(', ')}`);
    this.#waiting.splice(at, 1)[0]?.go();
    await settled();
  }

  #step(name: string): Promise<void> {
    this.steps.push(name);
    return new Promise((resolve, reject) =>
      this.#waiting.push({ name, go: () => (this.failing === name ? reject(new Error(name)) : resolve()) }),
    );
  }
}

/** Until all that follows from resolved promises has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Ends every step as soon as it begins. */
async function finishing(source: PretendedSource, work: Promise<unknown>): Promise<unknown> {
  let over = false;
  const ended = work.finally(() => (over = true));
  ended.catch(() => undefined);
  await settled();
  while (!over) {
    const [name] = source.underWay;
    if (name === undefined) break;
    await source.finish(name);
  }
  return ended;
}

describe('the pages of an entity', () => {
  it('are staged while the one before is written, and read while that one is staged, two in memory at most', async () => {
    const source = new PretendedSource(20);
    const pages = new PagesAhead(source, null);
    await source.finish('read after null');
    expect(source.underWay).toEqual(['read after 2', 'stage 2']);
    const first = pages.next();
    await source.finish('read after 2');
    expect(source.underWay).toEqual(['stage 2']);
    await source.finish('stage 2');
    expect((await first)?.endKey).toBe('2');
    await settled();
    expect(source.underWay).toEqual(['read after 4', 'stage 4']);
    await source.finish('stage 4');
    await source.finish('read after 4');
    expect(source.underWay).toEqual([]);
  });

  it('come in order, every one once, and then none', async () => {
    const source = new PretendedSource(7);
    const pages = new PagesAhead(source, null);
    const ends = [];
    for (;;) {
      const page = (await finishing(source, pages.next())) as StagedPage | null;
      if (page === null) break;
      ends.push(page.endKey);
    }
    expect(ends).toEqual(['2', '4', '6', '7']);
    expect(source.steps.filter((step) => step.startsWith('read'))).toHaveLength(4);
  });

  it('that were read when the slice ends are given out; none is read any more', async () => {
    const source = new PretendedSource(20);
    const pages = new PagesAhead(source, null);
    expect(await finishing(source, pages.next())).toMatchObject({ endKey: '2' });
    const read = source.steps.filter((step) => step.startsWith('read'));
    source.goes = false;
    const rest = [];
    for (let page = await finishing(source, pages.next()); page !== null; page = await finishing(source, pages.next()))
      rest.push((page as StagedPage).endKey);
    expect(rest.map((_, at) => `read after ${2 * (at + 1)}`)).toEqual(read.slice(1));
    expect(source.steps.filter((step) => step.startsWith('read'))).toEqual(read);
  });

  it('that cannot be read or staged say so when it is their turn, not before', async () => {
    for (const failing of ['read after 2', 'stage 4']) {
      const source = new PretendedSource(20);
      source.failing = failing;
      const pages = new PagesAhead(source, null);
      expect(await finishing(source, pages.next())).toMatchObject({ endKey: '2' });
      await expect(finishing(source, pages.next())).rejects.toThrow(failing);
    }
  });

  it('begin anew where another attempt has ended its batch', async () => {
    const source = new PretendedSource(20);
    const pages = new PagesAhead(source, null);
    await finishing(source, pages.next());
    await finishing(source, pages.restart('11'));
    expect(await finishing(source, pages.next())).toMatchObject({ endKey: '13' });
    expect(await finishing(source, pages.next())).toMatchObject({ endKey: '15' });
  });

  it('leave nothing under way once they are stopped, whatever fails', async () => {
    const source = new PretendedSource(20);
    source.failing = 'stage 4';
    const pages = new PagesAhead(source, null);
    await finishing(source, pages.next());
    await finishing(source, pages.stop());
    expect(source.underWay).toEqual([]);
  });
});
