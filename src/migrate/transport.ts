import { TYPES } from 'tedious';
import type { ColumnType } from '../plan/refreshPlan.js';
import { refuse } from '../sqlserver/errors.js';
import type { BulkColumn } from '../sqlserver/session.js';

/**
 * How the values of one column travel: read by an expression, staged in a column of a type that the driver carries
 * exactly, and converted back by the server. Decimals and money go as text, because the driver reads and writes them
 * through a float (facts 4); datetime2, time and datetimeoffset too, because it loses digits below a millisecond;
 * varchar goes as nvarchar, because a bulk load encodes varchar in the connection's code page.
 */
export interface Transport {
  /** The expression of the page query; `column` is quoted and qualified. */
  read(column: string): string;
  /** Type of the staging column, without NULL and COLLATE. */
  readonly stagingType: string;
  /** True if the staging column holds text, and so needs a collation. */
  readonly text: boolean;
  /** How the driver loads the staging column. */
  readonly bulk: Omit<BulkColumn, 'name'>;
  /** The staged value in the destination's type. */
  write(column: string, destination: ColumnType): string;
  /** Upper bound of a value's bytes, or null for large values, whose pages are bounded by their real size. */
  readonly widest: number | null;
}

const longestNvarchar = 4_000;
const longestVarbinary = 8_000;

const asIs = (column: string): string => column;

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

function native(stagingType: string, bulkType: Transport['bulk']['type'], widest: number): Transport {
  return { read: asIs, stagingType, text: false, bulk: { type: bulkType }, write: asIs, widest };
}

/** Text of at most `length` characters, made on the source by CONVERT and turned back on the destination. */
function asText(length: number, style: number | null): Transport {
  const suffix = style === null ? '' : `, ${style}`;
  return {
    read: (column) => `CONVERT(varchar(${length}), ${column}${suffix})`,
    stagingType: `varchar(${length})`,
    text: true,
    bulk: { type: TYPES.VarChar, length },
    write: (column, destination) => `CONVERT(${typeDeclaration(destination)}, ${column}${suffix})`,
    widest: length,
  };
}

/** Character data; `convert` where the driver would decode it by a code page or a text pointer. */
function characters(length: number, convert: boolean): Transport {
  const large = length === -1 || length > longestNvarchar;
  const stagingType = `nvarchar(${large ? 'max' : length})`;
  return {
    read: (column) => (convert ? `CONVERT(${stagingType}, ${column})` : column),
    stagingType,
    text: true,
    bulk: { type: TYPES.NVarChar, length: large ? Infinity : length },
    write: asIs,
    widest: large ? null : 2 * length,
  };
}

function bytes(length: number, convert: boolean): Transport {
  const large = length === -1 || length > longestVarbinary;
  const stagingType = `varbinary(${large ? 'max' : length})`;
  return {
    read: (column) => (convert ? `CONVERT(${stagingType}, ${column})` : column),
    stagingType,
    text: false,
    bulk: { type: TYPES.VarBinary, length: large ? Infinity : length },
    write: asIs,
    widest: large ? null : length,
  };
}

/**
 * The transport of a source column.
 * @param subject names the column in the failure
 * @throws RefreshError Refused for types that have no exact transport
 */
export function transportOf(type: ColumnType, subject: string): Transport {
  switch (type.name) {
    case 'bit':
      return native('bit', TYPES.Bit, 1);
    case 'tinyint':
      return native('tinyint', TYPES.TinyInt, 1);
    case 'smallint':
      return native('smallint', TYPES.SmallInt, 2);
    case 'int':
      return native('int', TYPES.Int, 4);
    case 'bigint':
      return native('bigint', TYPES.BigInt, 8);
    case 'float':
      return native('float', TYPES.Float, 8);
    case 'real':
      return native('real', TYPES.Real, 4);
    case 'uniqueidentifier':
      return native('uniqueidentifier', TYPES.UniqueIdentifier, 16);
    case 'datetime':
    case 'smalldatetime':
      return native('datetime', TYPES.DateTime, 8);
    case 'date':
      return asText(10, 23);
    case 'time':
      return asText(16, 121);
    case 'datetime2':
      return asText(27, 121);
    case 'datetimeoffset':
      return asText(34, 121);
    case 'decimal':
    case 'numeric':
      return asText(41, null);
    case 'money':
    case 'smallmoney':
      return asText(30, 2);
    case 'char':
    case 'varchar':
      return characters(type.length ?? 1, true);
    case 'nchar':
    case 'nvarchar':
      return characters(type.length ?? 1, false);
    case 'text':
    case 'ntext':
      return characters(-1, true);
    case 'xml':
      return { ...characters(-1, true), write: (column) => `CONVERT(xml, ${column}, 1)` };
    case 'binary':
    case 'varbinary':
      return bytes(type.length ?? 1, false);
    case 'image':
      return bytes(-1, true);
    default:
      throw refuse(
        'typeNotCarried',
        `values of type ${type.name} cannot be carried exactly`,
        'Leave the attribute out of the scope, or move its entity by other means.',
        subject,
      );
  }
}
