import { SqlError } from '../api.js';
import type { ObjectName } from '../../tsql/ast.js';
import type { Session } from '../session/session.js';
import { requireAlter, tableNamed, writtenName } from './tableLookup.js';

/** TRUNCATE TABLE: refused (4712) while a foreign key of another table refers to it; the identity starts anew. */
export async function truncateTable(session: Session, name: ObjectName): Promise<void> {
  const table = tableNamed(session, name, 4701);
  requireAlter(session, table);
  for (const other of session.catalog.objects(table.databaseId)) {
    if (other.kind !== 'table' || other.objectId === table.objectId) continue;
    if (!other.foreignKeys.some((key) => key.referencedObjectId === table.objectId)) continue;
    throw new SqlError(
      4712,
      `Cannot truncate table '${writtenName(name)}' because it is being referenced by a FOREIGN KEY constraint.`,
    );
  }
  const selfReferenced = table.foreignKeys.some((key) => key.referencedObjectId === table.objectId);
  if (selfReferenced) await session.connection.execute(`delete from ${table.postgresName}`);
  else if (table.temporary !== undefined)
    await session.connection.rows('select sandbox.empty_temporary($1)', [table.postgresName]);
  else await session.connection.execute(`truncate table ${table.postgresName}`);
  for (const { identity } of table.columns) {
    if (identity === undefined) continue;
    await session.connection.rows('select setval($1::regclass, $2::int8, false)', [identity.sequence, identity.seed]);
  }
}
