import type { ObjectName } from '../../tsql/ast.js';
import type { Session } from '../session/session.js';
import { requireAlter, tableNamed } from './tableLookup.js';

/** UPDATE STATISTICS: changes no result, but plans. A table that is being analyzed just now is left to that. */
export async function updateStatistics(session: Session, name: ObjectName): Promise<void> {
  const table = tableNamed(session, name);
  requireAlter(session, table);
  await session.connection.execute(`analyze (skip_locked) ${table.postgresName}`);
}
