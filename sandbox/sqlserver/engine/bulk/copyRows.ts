import type { BulkLoadRequest } from '../api.js';
import type { Session } from '../session/session.js';
import { AttentionError } from '../session/postgresErrors.js';
import type { LoadedColumn } from './bulkPlan.js';
import { reuseCopyBlock } from './copyBuffer.js';
import { CopyTarget } from './copyTarget.js';
import { IdentityRange } from './identityRange.js';

export interface LoadResult {
  readonly count: number;
  /** Range of the identity values that the client brought. */
  readonly least?: bigint;
  readonly greatest?: bigint;
}

/**
 * Copies the rows of a load into a relation. They are asked for as fast as PostgreSQL takes them, so that memory stays
 * bounded.
 * @param identity place among the columns of the one whose values become those of the identity
 * @param asTarget values are written in the type of the target's column; else in the type in which they came
 */
export async function loadByCopy(
  session: Session,
  relation: string,
  columns: readonly LoadedColumn[],
  identity: number | undefined,
  request: BulkLoadRequest,
  asTarget: boolean,
): Promise<LoadResult> {
  const names = columns.map(({ column }) => column.postgresName).join(', ');
  const copy = await session.connection.copyIn(`copy ${relation} (${names}) from stdin (format binary)`);
  const range = new IdentityRange();
  try {
    const target = new CopyTarget(columns, asTarget, columns[identity ?? -1], range);
    for await (const page of request.rowsInto(target)) {
      if (session.attention?.aborted === true) throw new AttentionError();
      await copy.write(page, () => reuseCopyBlock(page));
    }
    const end = target.end();
    await copy.write(end, () => reuseCopyBlock(end));
  } catch (error) {
    await copy.fail('the load was given up');
    throw error;
  }
  const count = await copy.finish();
  return { count, ...range.result() };
}
