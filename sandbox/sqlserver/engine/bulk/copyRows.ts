import type { BulkLoadRequest, SqlValue } from '../api.js';
import type { Session } from '../session/session.js';
import { AttentionError } from '../session/postgresErrors.js';
import type { LoadedColumn } from './bulkPlan.js';
import { CopyBuffer } from './copyBuffer.js';
import { valueWriter } from './valueWriters.js';

export interface LoadResult {
  readonly count: number;
  /** Range of the identity values that the client brought. */
  readonly least?: bigint;
  readonly greatest?: bigint;
}

const bytesOfBlock = 1 << 18;

/**
 * Copies the pages of rows into a relation. The pages are asked for as fast as PostgreSQL takes them, so that memory
 * stays bounded.
 * @param asTarget values are written in the type of the target's column; else in the type in which they came
 */
export async function loadByCopy(
  session: Session,
  relation: string,
  columns: readonly LoadedColumn[],
  identity: number | undefined,
  pages: BulkLoadRequest['pages'],
  asTarget: boolean,
): Promise<LoadResult> {
  const names = columns.map(({ column }) => column.postgresName).join(', ');
  const copy = await session.connection.copyIn(`copy ${relation} (${names}) from stdin (format binary)`);
  const writers = columns.map(({ column, type, source }) => valueWriter(asTarget ? column.type : type, source + 1));
  const sources = columns.map(({ source }) => source);
  const replacements = columns.map(({ replacement }) => replacement);
  const range = new IdentityRange(identity === undefined ? undefined : sources[identity]);
  const buffer = new CopyBuffer();
  buffer.header();
  try {
    for await (const page of pages) {
      if (session.attention?.aborted === true) throw new AttentionError();
      for (const row of page) {
        buffer.startRow(sources.length);
        for (let index = 0; index < sources.length; index++) {
          const value = row[sources[index] as number] ?? (replacements[index] as SqlValue);
          if (value === null) buffer.null();
          else (writers[index] as (typeof writers)[number])(buffer, value);
        }
        range.add(row);
      }
      if (buffer.length >= bytesOfBlock) await copy.write(buffer.take());
    }
    buffer.trailer();
    await copy.write(buffer.take());
  } catch (error) {
    await copy.fail('the load was given up');
    throw error;
  }
  const count = await copy.finish();
  return { count, ...range.result() };
}

/** Keeps the least and the greatest explicit identity value. */
class IdentityRange {
  private least: bigint | undefined;
  private greatest: bigint | undefined;

  constructor(private readonly source: number | undefined) {}

  add(row: readonly SqlValue[]): void {
    if (this.source === undefined) return;
    const value = row[this.source];
    if (value === null || value === undefined) return;
    const number = BigInt(value as number | bigint | string);
    if (this.least === undefined || number < this.least) this.least = number;
    if (this.greatest === undefined || number > this.greatest) this.greatest = number;
  }

  result(): Pick<LoadResult, 'least' | 'greatest'> {
    if (this.least === undefined || this.greatest === undefined) return {};
    return { least: this.least, greatest: this.greatest };
  }
}
