import { SqlError, type ColumnMetadata, type SqlType, type SqlValue } from '../api.js';
import type { ColumnEntity, TableEntity } from '../catalog/entities.js';
import { sameName } from '../catalog/names.js';
import type { InsertBulkStatement } from '../../tsql/ast.js';
import { resolveDataType } from '../../tsql/dataType.js';
import type { Session } from '../session/session.js';
import { isCharacter, isNational, temporalScale } from '../translate/types/sqlTypes.js';

/** A column that the load brings, and where its values go. */
export interface LoadedColumn {
  readonly column: ColumnEntity;
  /** Place of its values in the rows. */
  readonly source: number;
  /** Type of the values as the client sends them. */
  readonly type: SqlType;
  /** What NULL becomes, where the load does not keep NULLs. */
  readonly replacement: SqlValue;
}

export interface BulkPlan {
  readonly table: TableEntity;
  readonly statement: InsertBulkStatement;
  readonly columns: readonly LoadedColumn[];
  /** Place of the identity column in `columns` when its values are kept. */
  readonly keptIdentity: number | undefined;
  /** True when values must be converted, so that a staging table is needed. */
  readonly converts: boolean;
}

/** Puts the columns of INSERT BULK to those of the table. Error 207 for one that it lacks. */
export function planColumns(
  session: Session,
  table: TableEntity,
  statement: InsertBulkStatement,
  sent: readonly ColumnMetadata[],
  replacementOf: (column: ColumnEntity) => SqlValue,
): BulkPlan {
  const collation = session.catalog.collationOf(table.databaseId);
  const columns: LoadedColumn[] = [];
  let keptIdentity: number | undefined;
  statement.columns.forEach((written, source) => {
    const column = table.columns.find((candidate) => sameName(candidate.name, written.name, collation));
    if (column === undefined) throw new SqlError(207, `Invalid column name '${written.name}'.`);
    if (column.computed !== undefined) {
      throw new SqlError(
        271,
        `The column "${column.name}" cannot be modified because it is either a computed column or is the result of a UNION operator.`,
      );
    }
    // Without KEEP_IDENTITY the table numbers the rows itself, whatever the client sends.
    if (column.identity !== undefined && !statement.keepIdentity) return;
    if (column.identity !== undefined) keptIdentity = columns.length;
    const declared = resolveDataType(written.type, 'declaration', source + 1);
    const type = sent[source]?.type ?? declared;
    columns.push({
      column,
      source,
      type: isCharacter(type) ? { ...type, collation: column.type.collation ?? collation } : type,
      replacement: statement.keepNulls ? null : replacementOf(column),
    });
  });
  const converts = columns.some(({ type, column }) => !goesDirectly(type, column.type));
  return { table, statement, columns, keptIdentity, converts };
}

const integers = ['bit', 'tinyint', 'smallint', 'int', 'bigint'];

/** True if values of one type can be written into a column of the other as they are, apart from their length. */
function goesDirectly(from: SqlType, to: SqlType): boolean {
  if (integers.includes(from.name) && integers.includes(to.name)) {
    return integers.indexOf(from.name) <= integers.indexOf(to.name) && (to.name !== 'bit' || from.name === 'bit');
  }
  if (isCharacter(from) && isCharacter(to)) return isNational(to) || !isNational(from);
  if (isBinary(from) && isBinary(to)) return true;
  if (isDecimal(from) && isDecimal(to)) return true;
  if (from.name !== to.name) return false;
  return !hasScale(from) || temporalScale(from) === temporalScale(to);
}

function hasScale(type: SqlType): boolean {
  return type.name === 'time' || type.name === 'datetime2' || type.name === 'datetimeoffset';
}

function isBinary(type: SqlType): boolean {
  return type.name === 'binary' || type.name === 'varbinary' || type.name === 'image';
}

function isDecimal(type: SqlType): boolean {
  return type.name === 'decimal' || type.name === 'numeric';
}
