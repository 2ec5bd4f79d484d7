import type { ColumnType } from '../plan/refreshPlan.js';

/** The T-SQL type with length, precision and scale, as in a declaration. */
export function typeDeclaration(type: ColumnType): string {
  switch (type.name) {
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
    case 'binary':
    case 'varbinary':
      return `${type.name}(${type.length === -1 ? 'max' : (type.length ?? 1)})`;
    case 'decimal':
    case 'numeric':
      return `${type.name}(${type.precision ?? 18}, ${type.scale ?? 0})`;
    case 'datetime2':
    case 'time':
    case 'datetimeoffset':
      return `${type.name}(${type.scale ?? 7})`;
    default:
      return type.name;
  }
}

/**
 * The style under which a CONVERT to text and one back lose nothing, in any language setting: ISO 8601 for dates, all four
 * decimals of money, binary as hexadecimal.
 */
export function styleOf(type: ColumnType): string {
  if (/date|time/.test(type.name)) return ', 126';
  if (/money/.test(type.name)) return ', 2';
  return /binary/.test(type.name) ? ', 1' : '';
}
