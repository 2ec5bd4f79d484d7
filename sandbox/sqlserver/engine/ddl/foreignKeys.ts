import { SqlError } from '../api.js';
import { currentDatetime } from '../clock.js';
import type { ColumnEntity, ForeignKeyEntity, IndexEntity, TableEntity } from '../catalog/entities.js';
import { nameKey, quotePostgres } from '../catalog/names.js';
import { foreignKeyName } from '../session/postgresErrors.js';
import type { ForeignKeyConstraint, ReferentialAction } from '../../tsql/ast.js';
import { unsupported } from '../../tsql/unsupported.js';
import { findCollation } from '../translate/types/collations.js';
import { isCharacter, sameType } from '../translate/types/sqlTypes.js';
import { checkByStatement, dropStatementCheck } from './foreignKeyChecks.js';
import { writtenName } from './tableLookup.js';
import type { TableDraft } from './tableDraft.js';

const actions: Readonly<Record<ReferentialAction, string>> = {
  noAction: 'no action',
  cascade: 'cascade',
  setNull: 'set null',
  setDefault: 'set default',
};

/** Adds a FOREIGN KEY; `trusted` false (WITH NOCHECK) leaves the rows that are there unchecked. */
export async function addForeignKey(
  draft: TableDraft,
  constraint: ForeignKeyConstraint,
  trusted: boolean,
): Promise<void> {
  if (draft.entity.temporary !== undefined) return;
  const objectId = draft.nextObjectId();
  const name = constraint.name ?? draft.generatedName('FK', objectId, constraint.columns[0]);
  const referenced = referencedTable(draft, constraint, name);
  const columns = constraint.columns.map((column) => foreignColumn(draft, column, name));
  const { index, referencedColumns } = candidateKey(draft, referenced, constraint, name, columns.length);
  checkTypes(draft, referenced, columns, referencedColumns, name);
  draft.claimName(name);
  const entity: ForeignKeyEntity = {
    objectId,
    name,
    systemNamed: constraint.name === undefined,
    createDate: currentDatetime().toString(),
    postgresName: foreignKeyName(objectId),
    columns: columns.map((column, position) => ({
      columnId: column.id,
      referencedColumnId: referencedColumns[position]?.id ?? 0,
    })),
    referencedObjectId: referenced.objectId,
    referencedIndexId: index.id,
    onDelete: constraint.onDelete,
    onUpdate: constraint.onUpdate,
    disabled: false,
    notTrusted: !trusted,
    notForReplication: constraint.notForReplication,
  };
  checkCascadePaths(draft, referenced, entity);
  draft.change({ foreignKeys: [...draft.entity.foreignKeys, entity] });
  await createForeignKey(draft, entity, trusted);
}

function referencedTable(draft: TableDraft, constraint: ForeignKeyConstraint, name: string): TableEntity {
  const { session, entity } = draft;
  const written = constraint.referencedTable;
  const own = nameKey(written.object, draft.databaseCollation) === nameKey(entity.name, draft.databaseCollation);
  const found = session.resolve({
    ...written,
    database: written.database === '' ? databaseOf(draft) : written.database,
  });
  if (own && (found === undefined || found.objectId === entity.objectId)) return entity;
  if (found?.kind !== 'table') {
    throw new SqlError(1767, `Foreign key '${name}' references invalid table '${writtenName(written)}'.`, { state: 0 });
  }
  if (found.databaseId !== entity.databaseId) {
    throw new SqlError(
      1763,
      `Cross-database foreign key references are not supported. Foreign key '${writtenName(written)}'.`,
      { state: 0 },
    );
  }
  return found;
}

function databaseOf(draft: TableDraft): string {
  return draft.session.namesOf(draft.entity).database;
}

function foreignColumn(draft: TableDraft, name: string, key: string): ColumnEntity {
  const column = draft.column(name);
  if (column !== undefined) return column;
  throw new SqlError(
    1769,
    `Foreign key '${key}' references invalid column '${name}' in referencing table '${draft.entity.name}'.`,
  );
}

interface CandidateKey {
  readonly index: IndexEntity;
  /** In the order of the referencing columns. */
  readonly referencedColumns: readonly ColumnEntity[];
}

/** The primary key, unique constraint or unique index that the key refers to. Errors 1773, 1770, 1776. */
function candidateKey(
  draft: TableDraft,
  referenced: TableEntity,
  constraint: ForeignKeyConstraint,
  name: string,
  count: number,
): CandidateKey {
  const byId = (id: number) => referenced.columns.find((column) => column.id === id) as ColumnEntity;
  if (constraint.referencedColumns.length === 0) {
    const index = referenced.indexes.find((candidate) => candidate.constraint?.type === 'PK');
    if (index === undefined) {
      throw new SqlError(
        1773,
        `Foreign key '${name}' has implicit reference to object '${referenced.name}' which does not have a primary key defined on it.`,
        { state: 0 },
      );
    }
    if (index.columns.length !== count) {
      throw new SqlError(
        8139,
        `Number of referencing columns in foreign key differs from number of referenced columns, table '${draft.entity.name}'.`,
        { state: 0 },
      );
    }
    return { index, referencedColumns: index.columns.map(({ columnId }) => byId(columnId)) };
  }
  if (constraint.referencedColumns.length !== count) {
    throw new SqlError(
      8139,
      `Number of referencing columns in foreign key differs from number of referenced columns, table '${draft.entity.name}'.`,
      { state: 0 },
    );
  }
  const collation = draft.databaseCollation;
  const referencedColumns = constraint.referencedColumns.map((written) => {
    const found = referenced.columns.find((column) => nameKey(column.name, collation) === nameKey(written, collation));
    if (found !== undefined) return found;
    throw new SqlError(
      1770,
      `Foreign key '${name}' references invalid column '${written}' in referenced table '${referenced.name}'.`,
      { state: 0 },
    );
  });
  const wanted = new Set(referencedColumns.map((column) => column.id));
  const index = referenced.indexes.find(
    (candidate) =>
      candidate.unique &&
      candidate.filter === undefined &&
      candidate.columns.length === wanted.size &&
      candidate.columns.every(({ columnId }) => wanted.has(columnId)),
  );
  if (index === undefined) {
    throw new SqlError(
      1776,
      `There are no primary or candidate keys in the referenced table '${writtenName(constraint.referencedTable)}' that match the referencing column list in the foreign key '${name}'.`,
      { state: 0 },
    );
  }
  return { index, referencedColumns };
}

function checkTypes(
  draft: TableDraft,
  referenced: TableEntity,
  columns: readonly ColumnEntity[],
  referencedColumns: readonly ColumnEntity[],
  name: string,
): void {
  columns.forEach((column, position) => {
    const other = referencedColumns[position];
    if (other === undefined || sameKeyType(column, other)) return;
    throw new SqlError(
      1778,
      `Column '${referenced.name}.${other.name}' is not the same data type as referencing column '${draft.entity.name}.${column.name}' in foreign key '${name}'.`,
      { state: 0 },
    );
  });
}

/** Lengths of character and binary columns may differ, types and collations may not. */
function sameKeyType(a: ColumnEntity, b: ColumnEntity): boolean {
  if (isCharacter(a.type)) {
    return a.type.name === b.type.name && a.type.collation?.toUpperCase() === b.type.collation?.toUpperCase();
  }
  if (a.type.name === 'varbinary' || a.type.name === 'binary') return a.type.name === b.type.name;
  return sameType(a.type, b.type);
}

/** Error 1785: no table may be reached twice by cascading actions, nor may they run in a circle. */
function checkCascadePaths(draft: TableDraft, referenced: TableEntity, key: ForeignKeyEntity): void {
  if (key.onDelete === 'noAction' && key.onUpdate === 'noAction') return;
  const { session, entity } = draft;
  const children = new Map<number, number[]>();
  const add = (parent: number, child: number) => children.set(parent, [...(children.get(parent) ?? []), child]);
  // A table that is being made is not in the catalog yet.
  const others = [...session.catalog.objects(entity.databaseId)].filter((table) => table.objectId !== entity.objectId);
  for (const table of [...others, entity]) {
    if (table.kind !== 'table') continue;
    for (const other of table.foreignKeys) {
      if (other.onDelete !== 'noAction' || other.onUpdate !== 'noAction') add(other.referencedObjectId, table.objectId);
    }
  }
  add(referenced.objectId, entity.objectId);
  for (const start of children.keys()) {
    if (!reachesTwice(children, start)) continue;
    throw new SqlError(
      1785,
      `Introducing FOREIGN KEY constraint '${key.name}' on table '${entity.name}' may cause cycles or multiple cascade paths. Specify ON DELETE NO ACTION or ON UPDATE NO ACTION, or modify other FOREIGN KEY constraints.`,
      { state: 0 },
    );
  }
}

function reachesTwice(children: ReadonlyMap<number, readonly number[]>, start: number): boolean {
  const reached = new Set<number>([start]);
  const pending = [start];
  while (pending.length > 0) {
    for (const child of children.get(pending.pop() as number) ?? []) {
      if (reached.has(child)) return true;
      reached.add(child);
      pending.push(child);
    }
  }
  return false;
}

/** Makes the constraint in PostgreSQL. */
export async function createForeignKey(draft: TableDraft, key: ForeignKeyEntity, validate: boolean): Promise<void> {
  const { entity } = draft;
  const referenced = referencedBy(draft, key);
  const columns = key.columns.map(({ columnId }) => columnOf(entity, columnId));
  const referencedColumns = key.columns.map(({ referencedColumnId }) => columnOf(referenced, referencedColumnId));
  const names = columns.map((column) => column.postgresName);
  const referencedNames = referencedColumns.map((column) => column.postgresName);
  if (columns.some((column) => isCharacter(column.type))) {
    refuseChangesOfText(key);
    for (const [position, column] of columns.entries()) {
      const other = referencedColumns[position];
      if (other === undefined || !isCharacter(column.type)) continue;
      names[position] = await addComparedText(draft, entity, comparedText('child', key, position), column);
      referencedNames[position] = await addComparedText(
        draft,
        referenced,
        comparedText('parent', key, position),
        other,
      );
    }
    await draft.execute(
      `create unique index ${quotePostgres(`${key.postgresName}:parent`)} on ${referenced.postgresName} (${referencedNames.join(', ')})`,
    );
  }
  await draft.execute(
    `alter table ${entity.postgresName} add constraint ${quotePostgres(key.postgresName)} ` +
      `foreign key (${names.join(', ')}) references ${referenced.postgresName} (${referencedNames.join(', ')}) ` +
      `on delete ${actions[key.onDelete]} on update ${actions[key.onUpdate]}${validate ? '' : ' not valid'}`,
  );
  await draft.execute(checkByStatement(entity.postgresName, key.postgresName));
}

export async function dropForeignKey(draft: TableDraft, key: ForeignKeyEntity): Promise<void> {
  const { entity } = draft;
  await draft.execute(
    `alter table ${entity.postgresName} drop constraint if exists ${quotePostgres(key.postgresName)}; ` +
      dropStatementCheck(draft.session, entity, key),
  );
  const referenced = referencedBy(draft, key);
  for (const [position, { columnId }] of key.columns.entries()) {
    if (!isCharacter(columnOf(entity, columnId).type)) continue;
    for (const [table, side] of [
      [entity, 'child'],
      [referenced, 'parent'],
    ] as const) {
      await draft.execute(
        `alter table ${table.postgresName} drop column if exists ${comparedText(side, key, position)}`,
      );
    }
  }
}

function referencedBy(draft: TableDraft, key: ForeignKeyEntity): TableEntity {
  const { session, entity } = draft;
  const referenced =
    key.referencedObjectId === entity.objectId ? entity : session.tableById(entity.databaseId, key.referencedObjectId);
  if (referenced === undefined) throw new Error(`The table that ${key.name} refers to is gone.`);
  return referenced;
}

/**
 * PostgreSQL compares the columns of a key by their own equality, which knows no trailing blanks and not the column's
 * T-SQL collation. So a key on text is kept on generated columns, which the catalog does not list, that hold the
 * compared form.
 */
async function addComparedText(
  draft: TableDraft,
  table: TableEntity,
  name: string,
  column: ColumnEntity,
): Promise<string> {
  const collation = findCollation(column.type.collation ?? draft.databaseCollation);
  await draft.execute(
    `alter table ${table.postgresName} add column ${name} text collate ${collation.postgresName} ` +
      `generated always as (rtrim(${column.postgresName}, ' ')) stored`,
  );
  return name;
}

function comparedText(side: 'child' | 'parent', key: ForeignKeyEntity, position: number): string {
  return quotePostgres(`${key.postgresName}:${side}:${position}`);
}

/** Generated columns cannot be set by a key's action. */
function refuseChangesOfText(key: ForeignKeyEntity): void {
  if (key.onUpdate !== 'noAction') throw unsupported('ON UPDATE actions of a FOREIGN KEY on character columns');
  if (key.onDelete !== 'noAction' && key.onDelete !== 'cascade') {
    throw unsupported('ON DELETE SET actions of a FOREIGN KEY on character columns');
  }
}

function columnOf(table: TableEntity, id: number): ColumnEntity {
  const column = table.columns.find((candidate) => candidate.id === id);
  if (column === undefined) throw new Error(`Table ${table.name} has no column ${id}.`);
  return column;
}
