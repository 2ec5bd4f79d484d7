import { SqlError } from '../api.js';
import { currentDatetime } from '../clock.js';
import type { ColumnEntity, IndexEntity, TableEntity } from '../catalog/entities.js';
import { quotePostgres } from '../catalog/names.js';
import { PostgresError } from '../../postgres/wireMessages.js';
import type { Session } from '../session/session.js';
import { duplicateInIndex, indexName, twoPartName } from '../session/postgresErrors.js';
import type { Identifier, IndexOption, KeyColumn, PrimaryKeyConstraint, UniqueConstraint } from '../../tsql/ast.js';
import { unsupported } from '../../tsql/unsupported.js';
import { textKeySql } from '../translate/expressions/comparisons.js';
import { findCollation } from '../translate/types/collations.js';
import { isCharacter } from '../translate/types/sqlTypes.js';
import { nullableKey } from './columns.js';
import { limitKeyLength, unlimitedKeyLength } from './keyLength.js';
import type { TableDraft } from './tableDraft.js';

const firstNonclusteredId = 2;
const largestKeyColumns = 32;

/** Adds a PRIMARY KEY or UNIQUE constraint, with its index. */
export async function addKey(draft: TableDraft, constraint: PrimaryKeyConstraint | UniqueConstraint): Promise<void> {
  const { entity } = draft;
  const isPrimary = constraint.kind === 'primaryKey';
  if (isPrimary && entity.indexes.some((index) => index.constraint?.type === 'PK')) {
    throw draft.isNew
      ? new SqlError(8110, `Cannot add multiple PRIMARY KEY constraints to table '${entity.name}'.`, { state: 0 })
      : new SqlError(1779, `Table '${entity.name}' already has a primary key defined on it.`, { state: 0 });
  }
  const columns = keyColumns(draft, constraint.columns);
  if (isPrimary)
    makeRequired(
      draft,
      columns.map(({ column }) => column),
    );
  const objectId = draft.nextObjectId();
  const name = constraint.name ?? draft.generatedName(isPrimary ? 'PK' : 'UQ', objectId);
  draft.claimName(name);
  const hasClustered = entity.indexes.some((index) => index.clustered);
  const clustered = constraint.clustered ?? (isPrimary && !hasClustered);
  if (clustered && hasClustered) throw secondClustered(draft);
  await createIndex(draft, {
    name,
    unique: true,
    clustered,
    columns,
    included: [],
    options: constraint.options,
    constraint: {
      objectId,
      name,
      systemNamed: constraint.name === undefined,
      createDate: currentDatetime().toString(),
      type: isPrimary ? 'PK' : 'UQ',
    },
  });
}

/** Columns of a primary key of a new table need not say NOT NULL; nullable ones of an existing table are refused. */
function makeRequired(draft: TableDraft, columns: readonly ColumnEntity[]): void {
  for (const column of columns) {
    if (!column.nullable) continue;
    if (!draft.isNew || column.computed !== undefined) throw nullableKey(draft.entity.name);
    draft.replaceColumn({ ...column, nullable: false });
  }
}

export function secondClustered(draft: TableDraft): SqlError {
  const existing = draft.entity.indexes.find((index) => index.clustered);
  return draft.isNew
    ? new SqlError(8112, `Cannot add more than one clustered index for constraints on table '${draft.entity.name}'.`, {
        state: 0,
      })
    : new SqlError(
        1902,
        `Cannot create more than one clustered index on table '${draft.entity.name}'. Drop the existing clustered index '${existing?.name ?? ''}' before creating another.`,
        { state: 3 },
      );
}

export interface KeyPart {
  readonly column: ColumnEntity;
  readonly descending: boolean;
}

/** The columns of a key. Errors: 1911 unknown column, 1909 one named twice, 1919 a type that has no order. */
export function keyColumns(draft: TableDraft, columns: readonly KeyColumn[]): KeyPart[] {
  return indexColumns(draft, columns, []).keys;
}

/** The key columns of an index and those that it includes: no column twice (1909). */
export function indexColumns(
  draft: TableDraft,
  columns: readonly KeyColumn[],
  include: readonly Identifier[],
): { readonly keys: KeyPart[]; readonly included: ColumnEntity[] } {
  const seen = new Set<number>();
  const named = (name: string): ColumnEntity => {
    const column = draft.column(name);
    if (column === undefined) {
      throw new SqlError(1911, `Column name '${name}' does not exist in the target table or view.`);
    }
    if (seen.has(column.id)) {
      throw new SqlError(
        1909,
        `Cannot use duplicate column names in index. Column name '${name}' listed more than once.`,
      );
    }
    seen.add(column.id);
    return column;
  };
  if (columns.length > largestKeyColumns) {
    throw new SqlError(
      1904,
      `The index or statistics on table '${draft.entity.name}' has ${columns.length} columns in the key list. The maximum limit for index or statistics key column list is ${largestKeyColumns}.`,
    );
  }
  const keys = columns.map(({ name, descending }) => {
    const column = named(name);
    checkKeyType(draft, column);
    return { column, descending };
  });
  return { keys, included: include.map(({ name }) => named(name)) };
}

function checkKeyType(draft: TableDraft, column: ColumnEntity): void {
  const lob = column.type.length === 'max' || ['text', 'ntext', 'image'].includes(column.type.name);
  if (!lob) return;
  throw new SqlError(
    1919,
    `Column '${column.name}' in table '${draft.entity.name}' is of a type that is invalid for use as a key column in an index.`,
  );
}

export interface NewIndex {
  readonly name: string;
  readonly unique: boolean;
  readonly clustered: boolean;
  readonly columns: readonly KeyPart[];
  readonly included: readonly ColumnEntity[];
  readonly options: readonly IndexOption[];
  readonly constraint?: NonNullable<IndexEntity['constraint']>;
  readonly filter?: { readonly definition: string; readonly postgresText: string };
}

/** Makes an index in PostgreSQL and adds it to the draft. */
export async function createIndex(draft: TableDraft, index: NewIndex): Promise<void> {
  const { entity } = draft;
  const used = entity.indexes.map((other) => other.id);
  const id = index.clustered ? 1 : Math.max(firstNonclusteredId - 1, ...used) + 1;
  const postgresName = indexName(entity.objectId, id);
  checkOptions(index.options);
  draft.change({
    indexes: [
      ...entity.indexes,
      {
        id,
        name: index.name,
        postgresName,
        unique: index.unique,
        clustered: index.clustered,
        columns: index.columns.map(({ column, descending }) => ({ columnId: column.id, descending })),
        included: index.included.map((column) => column.id),
        ignoreDuplicates: false,
        ...(index.constraint === undefined ? {} : { constraint: index.constraint }),
        ...(index.filter === undefined ? {} : { filter: index.filter.definition }),
      },
    ].sort((a, b) => a.id - b.id),
  });
  const keys = index.columns.map(({ column, descending }) => keyText(draft, column, descending)).join(', ');
  const unique = index.unique ? 'unique ' : '';
  // SQL Server takes NULL for a value in a unique index: only one row may have it.
  const nulls = index.unique ? ' nulls not distinct' : '';
  const where = index.filter === undefined ? '' : ` where ${index.filter.postgresText}`;
  try {
    await draft.execute(
      `create ${unique}index ${quotePostgres(postgresName)} on ${entity.postgresName} (${keys})${nulls}${where}`,
    );
  } catch (error) {
    if (!(error instanceof PostgresError) || error.code !== '23505') throw error;
    throw duplicateInIndex(error, twoPartName(entity, draft.session.catalog), index.name);
  }
  await limitKeyLength(draft, index, id);
}

/** Drops an index, and what keeps its keys short, in PostgreSQL. */
export async function dropPostgresIndex(session: Session, table: TableEntity, index: IndexEntity): Promise<void> {
  const schema =
    table.temporary === undefined ? table.postgresName.slice(0, table.postgresName.lastIndexOf('."')) : 'pg_temp';
  await session.connection.execute(`drop index ${schema}.${quotePostgres(index.postgresName)}`);
  await session.connection.execute(unlimitedKeyLength(table, index.id));
}

/** The expression by which the translator compares and orders the column, so that PostgreSQL can use the index. */
function keyText(draft: TableDraft, column: ColumnEntity, descending: boolean): string {
  const current = draft.entity.columns.find((other) => other.id === column.id) ?? column;
  const nulls = current.nullable ? (descending ? ' nulls last' : ' nulls first') : '';
  const direction = descending ? ' desc' : '';
  if (!isCharacter(column.type)) return `${column.postgresName}${direction}${nulls}`;
  const collation = findCollation(column.type.collation ?? draft.databaseCollation);
  return `(${textKeySql(`rtrim(${column.postgresName}, ' ')`, collation)})${direction}${nulls}`;
}

/** Options about storage and building say nothing about results; IGNORE_DUP_KEY = ON would. */
function checkOptions(options: readonly IndexOption[]): void {
  for (const { name, value, span } of options) {
    if (name === 'IGNORE_DUP_KEY' && value === 'ON') throw unsupported('IGNORE_DUP_KEY = ON', span);
    if (name === 'DROP_EXISTING' && value === 'ON') throw unsupported('DROP_EXISTING = ON', span);
  }
}
