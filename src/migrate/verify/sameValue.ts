import type { ColumnType } from '../../plan/refreshPlan.js';

/**
 * A condition that holds for equal values and two NULLs only. SQL Server's `=` says less of some types: texts are equal
 * by the rules of their collation and whatever blanks follow them, dates with an offset when they name the same instant;
 * bytes are compared with their number, so that nothing depends on how a shorter value is filled up.
 * @param expected,found expressions of the type, which may be named more than once
 */
export function sameValue(expected: string, found: string, type: ColumnType): string {
  return `(${equal(expected, found, type)} OR (${expected} IS NULL AND ${found} IS NULL))`;
}

function equal(expected: string, found: string, type: ColumnType): string {
  switch (type.name) {
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
    case 'text':
    case 'ntext':
    case 'xml':
      return `${exactText(expected, type)} = ${exactText(found, type)}`;
    case 'binary':
    case 'varbinary':
      return equalBytes(expected, found);
    case 'image':
      return equalBytes(`CONVERT(varbinary(max), ${expected})`, `CONVERT(varbinary(max), ${found})`);
    case 'datetimeoffset':
      return `CONVERT(nvarchar(40), ${expected}, 121) = CONVERT(nvarchar(40), ${found}, 121)`;
    default:
      return `${expected} = ${found}`;
  }
}

/** A mark at the end keeps blanks before it from being ignored. Longer texts than 4,000 characters with it need (max). */
function exactText(value: string, { name, length }: ColumnType): string {
  const isShort = name.endsWith('char') && length !== null && length !== -1 && length < 4_000;
  const converted = !isShort || !name.startsWith('n');
  const text = converted ? `CONVERT(nvarchar(${isShort ? length : 'max'}), ${value})` : value;
  return `(${text} + N'.') COLLATE Latin1_General_BIN2`;
}

function equalBytes(expected: string, found: string): string {
  return `(${expected} = ${found} AND DATALENGTH(${expected}) = DATALENGTH(${found}))`;
}
