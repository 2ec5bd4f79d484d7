import type { TableEntity, ColumnEntity } from '../catalog/entities.js';
import { postgresIdentifier, postgresSchema, quotePostgres } from '../catalog/names.js';
import type { Session } from '../session/session.js';
import type { SelectIntoStatement } from '../translate/result.js';
import { SqlError } from '../api.js';
import { isCharacter } from '../translate/types/sqlTypes.js';
import { postgresColumnName } from './columns.js';
import { createPlainTable, newTable, newTemporaryTable } from './createTable.js';
import { duplicateColumn, objectExists } from './ddlErrors.js';
import { nameIsTaken, placeOfNew } from './tableLookup.js';
import type { TableDraft } from './tableDraft.js';

/** Makes the table of SELECT ... INTO from the query's columns. */
export async function createTableForSelectInto(session: Session, statement: SelectIntoStatement): Promise<TableEntity> {
  const draft = newTarget(session, statement.target);
  for (const [index, column] of statement.columns.entries()) {
    if (column.name === '') {
      throw new SqlError(
        1038,
        `An object or column name is missing or empty. For SELECT INTO statements, verify each column has a name. For other statements, look for empty alias names. Aliases defined as "" or [] are not allowed. Change the alias to a valid name.`,
        { class: 15, state: 5 },
      );
    }
    if (draft.column(column.name) !== undefined) throw duplicateColumn(column.name, draft.entity.name);
    const id = index + 1;
    const entity: ColumnEntity = {
      id,
      name: column.name,
      postgresName: postgresColumnName(column.name),
      type: isCharacter(column.type)
        ? { ...column.type, collation: column.type.collation ?? session.database.collation }
        : column.type,
      nullable: column.nullable,
      rowGuid: false,
      ...(column.identityOf === undefined ? {} : { identity: await identityLike(draft, id, column.identityOf) }),
    };
    draft.change({ columns: [...draft.entity.columns, entity], nextColumnId: id + 1 });
  }
  await createPlainTable(draft);
  return draft.entity;
}

function newTarget(session: Session, target: SelectIntoStatement['target']): TableDraft {
  if (target.object.startsWith('#')) {
    const draft = newTemporaryTable(session, target.object);
    const existing = session.catalog.temporaryTable(target.object);
    if (existing?.temporary?.scope === draft.entity.temporary?.scope) throw objectExists(target.object);
    return draft;
  }
  const span = { start: 0, end: 0, line: 1, column: 1 };
  const { database, schema } = placeOfNew(session, { ...target, server: '', span }, 'CREATE TABLE');
  if (nameIsTaken(session, database.id, schema.id, target.object)) throw objectExists(target.object);
  const name = `${postgresSchema(database.name, schema.name)}.${quotePostgres(postgresIdentifier(target.object))}`;
  const place = { databaseId: database.id, schemaId: schema.id };
  return newTable(session, session.catalog.store.nextObjectId(), target.object, name, place);
}

/** The identity of a table that was filled goes on after the values that it has. */
export async function continueIdentity(session: Session, table: TableEntity): Promise<void> {
  const column = table.columns.find((candidate) => candidate.identity !== undefined);
  if (column?.identity === undefined) return;
  const name = column.postgresName;
  await session.connection.rows(
    `select sandbox.advance_identity($1::regclass, min(${name})::int8, max(${name})::int8) from ${table.postgresName} having count(*) > 0`,
    [column.identity.sequence],
  );
}

async function identityLike(
  draft: TableDraft,
  columnId: number,
  identity: { readonly seed: bigint; readonly increment: bigint },
): Promise<NonNullable<ColumnEntity['identity']>> {
  const schema = draft.entity.postgresName.slice(0, draft.entity.postgresName.lastIndexOf('."'));
  const name = quotePostgres(`id:${draft.entity.objectId}:${columnId}`);
  const temporary = draft.entity.temporary === undefined ? '' : 'temporary ';
  await draft.execute(
    `create ${temporary}sequence ${temporary === '' ? `${schema}.` : ''}${name} increment by ${identity.increment} ` +
      `minvalue -9223372036854775808 start with ${identity.seed}`,
  );
  return {
    seed: identity.seed.toString(),
    increment: identity.increment.toString(),
    sequence: `${schema}.${name}`,
    notForReplication: false,
  };
}
