import { SqlError } from '../api.js';
import { currentDatetime } from '../clock.js';
import { tempdbId } from '../catalog/catalogView.js';
import type { TableEntity } from '../catalog/entities.js';
import { dboSchemaId } from '../catalog/fixedEntities.js';
import { postgresIdentifier, postgresSchema, quotePostgres } from '../catalog/names.js';
import type { Session } from '../session/session.js';
import type {
  ColumnDefinition,
  CreateTableStatement,
  InlineIndex,
  TableConstraint,
  TableElement,
} from '../../tsql/ast.js';
import { parseCondition } from '../../tsql/parser.js';
import { translateFilter } from '../interpreter/translation.js';
import { addCheck } from './checks.js';
import { draftColumn, postgresColumn } from './columns.js';
import { objectExists } from './ddlErrors.js';
import { addForeignKey } from './foreignKeys.js';
import { addKey, createIndex, keyColumns } from './keys.js';
import { nameIsTaken, placeOfNew } from './tableLookup.js';
import { TableDraft } from './tableDraft.js';

/** CREATE TABLE, of a #temp table too. */
export async function createTable(session: Session, statement: CreateTableStatement): Promise<void> {
  const { table: name, elements } = statement;
  if (name.object.startsWith('#')) {
    await createTemporaryTable(session, name.object, elements);
    return;
  }
  const { database, schema } = placeOfNew(session, name, 'CREATE TABLE');
  if (nameIsTaken(session, database.id, schema.id, name.object)) throw objectExists(name.object);
  const postgresName = `${postgresSchema(database.name, schema.name)}.${quotePostgres(postgresIdentifier(name.object))}`;
  const draft = newTable(session, session.catalog.store.nextObjectId(), name.object, postgresName, {
    databaseId: database.id,
    schemaId: schema.id,
  });
  await fillTable(draft, elements);
}

/** The scope that a #temp table made now belongs to: that of the procedure, or the session for batches. */
function scopeOfTemporary(session: Session): number {
  return session.frame?.parent === undefined && session.frame?.isBatch === true
    ? session.baseScope
    : (session.frame?.id ?? session.baseScope);
}

export async function createTemporaryTable(
  session: Session,
  name: string,
  elements: readonly TableElement[],
): Promise<TableEntity> {
  const isVariable = name.startsWith('@');
  const scope = isVariable ? session.currentFrame.id : scopeOfTemporary(session);
  const existing = session.catalog.temporaryTable(name);
  if (existing?.temporary?.scope === scope) throw objectExists(name);
  const draft = newTemporaryTable(session, name, scope);
  await fillTable(draft, elements);
  return draft.entity;
}

export function newTemporaryTable(session: Session, name: string, scope = scopeOfTemporary(session)): TableDraft {
  const objectId = session.catalog.store.nextTemporaryId();
  const postgresName = `pg_temp.${quotePostgres(postgresIdentifier(`${name}:${-objectId}`))}`;
  return newTable(session, objectId, name, postgresName, {
    databaseId: tempdbId,
    schemaId: dboSchemaId,
    temporary: { spid: session.spid, scope },
  });
}

export function newTable(
  session: Session,
  objectId: number,
  name: string,
  postgresName: string,
  place: Pick<TableEntity, 'databaseId' | 'schemaId' | 'temporary'>,
): TableDraft {
  const now = currentDatetime().toString();
  const entity: TableEntity = {
    kind: 'table',
    ...place,
    objectId,
    name,
    createDate: now,
    modifyDate: now,
    postgresName,
    columns: [],
    nextColumnId: 1,
    indexes: [],
    foreignKeys: [],
    checks: [],
    triggers: [],
    lockEscalation: 'TABLE',
  };
  return new TableDraft(session, entity, true);
}

async function fillTable(draft: TableDraft, elements: readonly TableElement[]): Promise<void> {
  const definitions = elements.filter((element) => element.kind === 'columnDefinition');
  const ordered = [
    ...definitions.filter((column) => column.computed === undefined),
    ...definitions.filter((column) => column.computed !== undefined),
  ];
  for (const definition of ordered) await draftColumn(draft, definition);
  restoreOrder(draft, definitions);
  requireColumnsOfKeys(draft, elements);
  await createRelation(draft);
  const constraints = allConstraints(elements);
  for (const { constraint } of constraints) {
    if (constraint.kind === 'primaryKey') await addKey(draft, constraint);
  }
  for (const { constraint } of constraints) {
    if (constraint.kind === 'unique') await addKey(draft, constraint);
  }
  for (const element of elements) {
    if (element.kind === 'inlineIndex') await addInlineIndex(draft, element);
  }
  for (const { constraint, column } of constraints) {
    if (constraint.kind === 'check') {
      await addCheck(draft, constraint, column === undefined ? undefined : draft.column(column), true);
    }
  }
  for (const { constraint } of constraints) {
    if (constraint.kind === 'foreignKey') await addForeignKey(draft, constraint, true);
  }
  await draft.save();
}

/** Computed columns are bound last, for they refer to the others, but keep their place. */
function restoreOrder(draft: TableDraft, definitions: readonly ColumnDefinition[]): void {
  if (definitions.every((definition) => definition.computed === undefined)) return;
  const columns = definitions.map((definition, index) => {
    const column = draft.column(definition.name);
    if (column === undefined) throw new Error(`Column ${definition.name} was not made.`);
    return { ...column, id: index + 1 };
  });
  draft.change({ columns });
}

/** Columns of the primary key are NOT NULL before PostgreSQL's table is made. */
function requireColumnsOfKeys(draft: TableDraft, elements: readonly TableElement[]): void {
  for (const { constraint } of allConstraints(elements)) {
    if (constraint.kind !== 'primaryKey') continue;
    for (const { name } of constraint.columns) {
      const column = draft.column(name);
      const written = elements.find((element) => element.kind === 'columnDefinition' && element.name === column?.name);
      if (written?.kind === 'columnDefinition' && written.nullable === true) {
        throw new SqlError(
          8111,
          `Cannot define PRIMARY KEY constraint on nullable column in table '${draft.entity.name}'.`,
        );
      }
      if (column !== undefined && column.nullable) draft.replaceColumn({ ...column, nullable: false });
    }
  }
}

async function createRelation(draft: TableDraft): Promise<void> {
  const { postgresName, columns, temporary } = draft.entity;
  const texts = columns.map((column) => postgresColumn(draft, column));
  const name = temporary === undefined ? postgresName : postgresName.slice('pg_temp.'.length);
  await draft.execute(`create ${temporary === undefined ? '' : 'temporary '}table ${name} (${texts.join(', ')})`);
  for (const column of columns) {
    if (column.identity === undefined) continue;
    await draft.execute(`alter sequence ${column.identity.sequence} owned by ${postgresName}.${column.postgresName}`);
  }
}

interface PlacedConstraint {
  readonly constraint: TableConstraint;
  /** The column that it is written with. */
  readonly column: string | undefined;
}

function allConstraints(elements: readonly TableElement[]): PlacedConstraint[] {
  return elements.flatMap((element): PlacedConstraint[] => {
    switch (element.kind) {
      case 'columnDefinition':
        return element.constraints.map((constraint) => ({ constraint, column: element.name }));
      case 'inlineIndex':
        return [];
      default:
        return [{ constraint: element, column: undefined }];
    }
  });
}

async function addInlineIndex(draft: TableDraft, index: InlineIndex): Promise<void> {
  const filter =
    index.whereDefinition === undefined
      ? {}
      : {
          filter: {
            definition: `(${index.whereDefinition.trim()})`,
            postgresText: translateFilter(draft.session, parseCondition(index.whereDefinition), draft.entity),
          },
        };
  await createIndex(draft, {
    name: index.name,
    unique: index.unique,
    clustered: index.clustered,
    columns: keyColumns(draft, index.columns),
    included: [],
    options: index.options,
    ...filter,
  });
}

/** Makes a table of given columns, for SELECT ... INTO. */
export async function createPlainTable(draft: TableDraft): Promise<void> {
  await createRelation(draft);
  await draft.save();
}
