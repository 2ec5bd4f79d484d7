import { TYPES } from 'tedious';
import type { ColumnType, PlannedEntity, RefreshPlan } from '../src/plan/refreshPlan.js';
import { quoteName, quoteTable } from '../src/sqlserver/quoteName.js';
import type { BulkColumn, DestinationSession } from '../src/sqlserver/session.js';
import { typeDeclaration } from '../src/sqlserver/columnText.js';

/** An empty copy of an entity's table in the destination: same columns and primary key, no other constraints. */
export interface TableCopy {
  /** Quoted. */
  readonly table: string;
  /** The source's table and columns, quoted; the key first. */
  readonly source: string;
  readonly columns: readonly { readonly name: string; readonly source: string; readonly type: ColumnType }[];
  readonly bulk: readonly BulkColumn[];
}

export async function createCopies(
  session: DestinationSession,
  plan: RefreshPlan,
  prefix: string,
): Promise<TableCopy[]> {
  const copies: TableCopy[] = [];
  for (const entity of plan.entities) {
    const copy = copyOf(entity, `${prefix}${copies.length}`);
    const columns = copy.columns.map(
      ({ name, type }, index) => `${name} ${typeDeclaration(type)} ${index === 0 ? 'NOT NULL PRIMARY KEY' : 'NULL'}`,
    );
    await session.batch(`DROP TABLE IF EXISTS ${copy.table}; CREATE TABLE ${copy.table} (${columns.join(', ')});`);
    copies.push(copy);
  }
  return copies;
}

export async function dropCopies(session: DestinationSession, copies: readonly TableCopy[]): Promise<void> {
  for (const { table } of copies) await session.batch(`DROP TABLE ${table};`);
}

function copyOf(entity: PlannedEntity, name: string): TableCopy {
  const columns = entity.columns.flatMap(({ destination, source }) =>
    source === null
      ? []
      : [{ name: quoteName(destination.column), source: quoteName(source.column), type: source.type }],
  );
  return {
    table: `dbo.${quoteName(name)}`,
    source: quoteTable(entity.sourceTable),
    columns,
    bulk: entity.columns.flatMap(({ destination, source }) =>
      source === null ? [] : [{ name: destination.column, ...driverType(source.type) }],
    ),
  };
}

/** The driver's own type: decimals through a float, as the driver does by itself. */
function driverType(type: ColumnType): Omit<BulkColumn, 'name'> {
  const length = type.length === -1 ? Infinity : (type.length ?? 1);
  switch (type.name) {
    case 'bit':
      return { type: TYPES.Bit };
    case 'int':
      return { type: TYPES.Int };
    case 'bigint':
      return { type: TYPES.BigInt };
    case 'datetime':
      return { type: TYPES.DateTime };
    case 'decimal':
      return { type: TYPES.Decimal, precision: type.precision ?? 18, scale: type.scale ?? 0 };
    case 'nvarchar':
      return { type: TYPES.NVarChar, length };
    case 'varchar':
      return { type: TYPES.VarChar, length };
    case 'image':
      return { type: TYPES.VarBinary, length: Infinity };
    default:
      throw new Error(`the floor has no column of type ${type.name}`);
  }
}
