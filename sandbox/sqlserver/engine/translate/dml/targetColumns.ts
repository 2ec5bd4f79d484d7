import type { Identifier } from '../../../tsql/ast.js';
import { SqlError } from '../../api.js';
import type { CatalogColumn, CatalogTable } from '../../catalog/model.js';
import { invalidColumn } from '../errors.js';
import type { StatementBuilder } from '../statementBuilder.js';
import { postgresType } from '../types/sqlTypes.js';
import { defaultValue } from './assignment.js';

/** What an INSERT writes: the columns it is given values for, then those that get defaults or identity values. */
export interface InsertColumns {
  readonly given: readonly CatalogColumn[];
  /** Columns with their values: defaults, and nextval of an identity. */
  readonly made: readonly { readonly column: CatalogColumn; readonly value: string }[];
  /** The table's identity column, and whether its values are given. */
  readonly identity?: { readonly column: CatalogColumn; readonly sequence: string; readonly explicit: boolean };
}

export function columnNamed(builder: StatementBuilder, table: CatalogTable, name: string): CatalogColumn | undefined {
  const key = builder.nameKey(name);
  return table.columns.find((column) => builder.nameKey(column.name) === key);
}

/**
 * The columns of an INSERT. Errors: 207, 264 (twice), 271 (computed), 544 and 545 (identity against IDENTITY_INSERT),
 * 8101 (IDENTITY_INSERT without a column list).
 */
export function insertColumns(
  builder: StatementBuilder,
  table: CatalogTable,
  list: readonly Identifier[] | undefined,
): InsertColumns {
  const identityInsert = builder.context.identityInsert(table);
  const given = list === undefined ? implicitColumns(table) : listedColumns(builder, table, list);
  const identityColumn = table.columns.find((column) => column.identity !== undefined);
  const explicit = identityColumn !== undefined && given.includes(identityColumn);
  if (explicit && !identityInsert) {
    throw new SqlError(
      544,
      `Cannot insert explicit value for identity column in table '${table.name}' when IDENTITY_INSERT is set to OFF.`,
    );
  }
  if (identityColumn !== undefined && identityInsert && !explicit) {
    if (list === undefined) {
      throw new SqlError(
        8101,
        `An explicit value for the identity column in table '${table.name}' can only be specified when a column list is used and IDENTITY_INSERT is ON.`,
      );
    }
    throw new SqlError(
      545,
      `Explicit value must be specified for identity column in table '${table.name}' either when IDENTITY_INSERT is set to ON or when a replication user is inserting into a NOT FOR REPLICATION identity column.`,
    );
  }
  const rest = table.columns.filter((column) => !given.includes(column) && column.computedDefinition === undefined);
  const made = rest.flatMap((column) => {
    if (column.identity !== undefined) return [{ column, value: nextIdentity(column, column.identity.sequence) }];
    return column.defaultDefinition === undefined ? [] : [{ column, value: defaultValue(builder, column, table) }];
  });
  if (identityColumn?.identity === undefined) return { given, made };
  return { given, made, identity: { column: identityColumn, sequence: identityColumn.identity.sequence, explicit } };
}

function nextIdentity(column: CatalogColumn, sequence: string): string {
  return `nextval('${sequence.replaceAll("'", "''")}'::regclass)::${postgresType(column.type)}`;
}

function implicitColumns(table: CatalogTable): CatalogColumn[] {
  return table.columns.filter((column) => column.identity === undefined && column.computedDefinition === undefined);
}

function listedColumns(builder: StatementBuilder, table: CatalogTable, list: readonly Identifier[]): CatalogColumn[] {
  const columns: CatalogColumn[] = [];
  for (const { name, span } of list) {
    const column = columnNamed(builder, table, name);
    if (column === undefined) throw invalidColumn(name, span);
    if (column.computedDefinition !== undefined) throw computedColumn(column.name, span.line);
    if (columns.includes(column)) throw columnTwice(name, span.line);
    columns.push(column);
  }
  return columns;
}

export function computedColumn(name: string, line: number): SqlError {
  return new SqlError(
    271,
    `The column "${name}" cannot be modified because it is either a computed column or is the result of a UNION operator.`,
    { line },
  );
}

export function columnTwice(name: string, line: number): SqlError {
  return new SqlError(
    264,
    `The column name '${name}' is specified more than once in the SET clause or column list of an INSERT. A column cannot be assigned more than one value in the same clause. Modify the clause to make sure that a column is updated only once. If this statement updates or inserts columns into a view, column aliasing can conceal the duplication in your code.`,
    { line },
  );
}
