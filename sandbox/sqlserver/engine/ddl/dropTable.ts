import { SqlError } from '../api.js';
import type { TableEntity } from '../catalog/entities.js';
import type { Session } from '../session/session.js';
import { dropCheckFunction } from './foreignKeyChecks.js';

/** Drops a table. Error 3726 while a foreign key of another table refers to it. */
export async function dropTable(session: Session, table: TableEntity): Promise<void> {
  for (const other of session.catalog.objects(table.databaseId)) {
    if (other.kind !== 'table' || other.objectId === table.objectId) continue;
    if (!other.foreignKeys.some((key) => key.referencedObjectId === table.objectId)) continue;
    throw new SqlError(
      3726,
      `Could not drop object '${table.name}' because it is referenced by a FOREIGN KEY constraint.`,
    );
  }
  const checks = table.foreignKeys.map((key) => dropCheckFunction(session, table, key));
  await session.connection.execute([`drop table ${table.postgresName}`, ...checks].join('; '));
  await session.catalog.delete(table);
  const identityInsert = session.identityInsertTable;
  if (identityInsert?.objectId === table.objectId && identityInsert.databaseId === table.databaseId) {
    session.identityInsertTable = undefined;
  }
}
