import { describe, expect, it } from 'vitest';
import type { BulkLoadRequest, LoadColumnTarget, LoadTarget } from '../../../../sandbox/sqlserver/engine/api.js';
import type { LoadedColumn } from '../../../../sandbox/sqlserver/engine/bulk/bulkPlan.js';
import { loadByCopy } from '../../../../sandbox/sqlserver/engine/bulk/copyRows.js';
import { AttentionError } from '../../../../sandbox/sqlserver/engine/session/postgresErrors.js';
import type { Session } from '../../../../sandbox/sqlserver/engine/session/session.js';
import type { CopyWriter } from '../../../../sandbox/sqlserver/postgres/copyWriter.js';

const pages = 10;
const rowsOfPage = 1000;
/** Of COPY data: a header, rows of one int, a trailer. */
const [headerBytes, rowBytes, trailerBytes] = [19, 10, 2];

const column = {
  column: { postgresName: 'a', type: { name: 'int' } },
  source: 0,
  type: { name: 'int' },
  replacement: null,
} as unknown as LoadedColumn;

/** PostgreSQL that takes nothing from the socket until the load is over. */
class Waiting implements CopyWriter {
  readonly data: Buffer[] = [];
  failed: string | undefined;

  write(data: Buffer): void {
    this.data.push(data);
  }

  finish(): Promise<number> {
    return Promise.resolve(pages * rowsOfPage);
  }

  fail(reason: string): Promise<void> {
    this.failed = reason;
    return Promise.resolve();
  }
}

/** Pages of the numbers from 0. */
const request: BulkLoadRequest = {
  statement: '',
  columns: [],
  async *rowsInto<Page>(target: LoadTarget<Page>) {
    for (let row = 0; row < pages * rowsOfPage; row++) {
      target.startRow();
      give(target.columns[0], row);
      if ((row + 1) % rowsOfPage === 0) yield await Promise.resolve(target.takePage());
    }
  },
};

function give(column: LoadColumnTarget | undefined, row: number): void {
  if (column?.valuesOnly === true) column.value(row);
  else column?.integer(row);
}

function sessionOn(copy: CopyWriter, attention?: AbortSignal): Session {
  return { connection: { copyIn: () => Promise.resolve(copy) }, attention } as unknown as Session;
}

describe('the rows of a load', () => {
  it('stay as they are while they wait for PostgreSQL', async () => {
    const copy = new Waiting();
    const { count } = await loadByCopy(sessionOn(copy), 'relation', [column], undefined, request, true);
    expect(count).toBe(pages * rowsOfPage);
    const data = Buffer.concat(copy.data);
    expect(data).toHaveLength(headerBytes + count * rowBytes + trailerBytes);
    const found = Array.from({ length: count }, (_, row) => data.readInt32BE(headerBytes + row * rowBytes + 6));
    expect(found).toEqual(Array.from({ length: count }, (_, row) => row));
  });

  it('tell the least and the greatest value of an identity that is kept, and of none else', async () => {
    const load = (identity: number | undefined) =>
      loadByCopy(sessionOn(new Waiting()), 'relation', [column], identity, request, true);
    const count = pages * rowsOfPage;
    expect(await load(0)).toEqual({ count, least: 0n, greatest: BigInt(count - 1) });
    expect(await load(undefined)).toEqual({ count });
  });

  it('are given up, and PostgreSQL told so, when the request is cancelled', async () => {
    const copy = new Waiting();
    const load = loadByCopy(sessionOn(copy, AbortSignal.abort()), 'relation', [column], undefined, request, true);
    await expect(load).rejects.toThrow(AttentionError);
    expect(copy.failed).toBe('the load was given up');
    expect(copy.data).toEqual([]);
  });
});
