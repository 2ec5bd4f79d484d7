import { SqlError } from '../api.js';
import { currentDatetime } from '../clock.js';
import type { ColumnEntity, TriggerEntity, ViewEntity } from '../catalog/entities.js';
import { sameName } from '../catalog/names.js';
import type { TriggerStatement, ViewStatement } from '../../tsql/ast.js';
import { unsupported } from '../../tsql/unsupported.js';
import { translateView } from '../interpreter/translation.js';
import type { Session } from '../session/session.js';
import { isCharacter } from '../translate/types/sqlTypes.js';
import { postgresColumnName } from './columns.js';
import { objectExists } from './ddlErrors.js';
import { TableDraft } from './tableDraft.js';
import { mayAlter, nameIsTaken, placeOfNew, requireAlter, writtenName } from './tableLookup.js';

/** CREATE VIEW, ALTER VIEW, CREATE OR ALTER VIEW. */
export async function defineView(session: Session, statement: ViewStatement): Promise<void> {
  const { name, action } = statement;
  if (name.database !== '') {
    throw new SqlError(
      166,
      "'CREATE/ALTER VIEW' does not allow specifying the database name as a prefix to the object name.",
      { class: 15 },
    );
  }
  const existing = session.resolve(name);
  if (existing !== undefined && (action === 'create' || existing.kind !== 'view')) throw objectExists(name.object);
  if (existing === undefined && action === 'alter') throw invalidObject(writtenName(name));
  const columns = viewColumns(session, statement);
  const now = currentDatetime().toString();
  const common = {
    definition: statement.definition,
    columns,
    schemaBinding: statement.schemaBinding,
    checkOption: statement.checkOption,
    modifyDate: now,
  };
  if (existing?.kind === 'view') {
    if (!mayAlter(session, existing as unknown as Parameters<typeof mayAlter>[1]))
      throw invalidObject(writtenName(name));
    await session.catalog.put({ ...existing, ...common });
    return;
  }
  const { database, schema } = placeOfNew(session, name, 'CREATE VIEW');
  if (nameIsTaken(session, database.id, schema.id, name.object)) throw objectExists(name.object);
  const view: ViewEntity = {
    kind: 'view',
    databaseId: database.id,
    schemaId: schema.id,
    objectId: session.catalog.store.nextObjectId(),
    name: name.object,
    createDate: now,
    ...common,
  };
  await session.catalog.put(view);
}

function invalidObject(name: string): SqlError {
  return new SqlError(208, `Invalid object name '${name}'.`, { state: 6 });
}

function viewColumns(session: Session, statement: ViewStatement): ColumnEntity[] {
  const { columns } = translateView(session, statement);
  if (statement.columns.length > 0 && statement.columns.length !== columns.length) {
    throw new SqlError(
      statement.columns.length > columns.length ? 8159 : 8158,
      `'${statement.name.object}' has ${statement.columns.length > columns.length ? 'fewer' : 'more'} columns than were specified in the column list.`,
    );
  }
  const entities = columns.map((column, index): ColumnEntity => {
    const name = statement.columns[index]?.name ?? column.name;
    if (name === '') {
      throw new SqlError(
        4511,
        `Create View or Function failed because no column name was specified for column ${index + 1}.`,
      );
    }
    return {
      id: index + 1,
      name,
      postgresName: postgresColumnName(name),
      type: isCharacter(column.type)
        ? { ...column.type, collation: column.type.collation ?? session.database.collation }
        : column.type,
      nullable: column.nullable,
      rowGuid: false,
    };
  });
  const { collation } = session.database;
  entities.forEach((column, index) => {
    const again = entities.slice(0, index).some((other) => sameName(other.name, column.name, collation));
    if (again) {
      throw new SqlError(
        4506,
        `Column names in each view or function must be unique. Column name '${column.name}' in view or function '${statement.name.object}' is specified more than once.`,
      );
    }
  });
  return entities;
}

/** CREATE TRIGGER, ALTER TRIGGER, CREATE OR ALTER TRIGGER. */
export async function defineTrigger(session: Session, statement: TriggerStatement): Promise<void> {
  const { name, action } = statement;
  const table = session.resolve(statement.table);
  if (table === undefined) {
    throw new SqlError(
      8197,
      `The object '${writtenName(statement.table)}' does not exist or is invalid for this operation.`,
      { state: 4 },
    );
  }
  if (table.kind === 'view') throw unsupported('triggers on views', statement.span);
  if (table.temporary !== undefined) {
    throw new SqlError(1074, 'Cannot create trigger on a temporary object.');
  }
  requireAlter(session, table);
  const draft = new TableDraft(session, table, false);
  const existing = table.triggers.find((trigger) => sameName(trigger.name, name.object, draft.databaseCollation));
  if (existing !== undefined && action === 'create') throw objectExists(name.object);
  if (existing === undefined && action === 'alter') throw invalidObject(writtenName(name));
  if (existing === undefined) draft.claimName(name.object);
  const now = currentDatetime().toString();
  const trigger: TriggerEntity = {
    objectId: existing?.objectId ?? draft.nextObjectId(),
    name: existing?.name ?? name.object,
    createDate: existing?.createDate ?? now,
    modifyDate: now,
    definition: statement.definition,
    events: statement.events,
    disabled: existing?.disabled ?? false,
    notForReplication: statement.notForReplication,
  };
  const others = table.triggers.filter((other) => other !== existing);
  draft.change({ triggers: [...others, trigger] });
  await draft.save();
}
