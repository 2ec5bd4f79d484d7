import type { ForeignKeyEntity, TableEntity } from '../catalog/entities.js';
import { postgresSchema, quotePostgres, quotePostgresText } from '../catalog/names.js';
import type { Session } from '../session/session.js';

/**
 * PostgreSQL text that has a foreign key look at inserted rows once for the whole statement, as SQL Server does, after
 * the key was made: see functions/foreignKeys.sql.
 * @param table quoted name of the referencing table
 */
export function checkByStatement(table: string, postgresName: string): string {
  return `select sandbox.check_key_by_statement(${quotePostgresText(table)}::regclass, ${quotePostgresText(postgresName)})`;
}

/** PostgreSQL text that removes that check from a table which stays. */
export function dropStatementCheck(session: Session, table: TableEntity, key: ForeignKeyEntity): string {
  const trigger = `drop trigger if exists ${quotePostgres(key.postgresName)} on ${table.postgresName}`;
  return `${trigger}; ${dropCheckFunction(session, table, key)}`;
}

/** PostgreSQL text that removes what the check leaves behind when its table is gone. */
export function dropCheckFunction(session: Session, table: TableEntity, key: ForeignKeyEntity): string {
  const { database, schema } = session.namesOf(table);
  return `drop function if exists ${postgresSchema(database, schema)}.${quotePostgres(key.postgresName)}()`;
}
