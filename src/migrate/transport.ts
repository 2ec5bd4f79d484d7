import { TYPES } from 'tedious';
import type { ColumnType } from '../plan/refreshPlan.js';
import { typeDeclaration } from '../sqlserver/columnText.js';
import { refuse } from '../sqlserver/errors.js';
import type { BulkColumn } from '../sqlserver/session.js';

/** relay: rows pass the worker as bytes. driver: the driver decodes and encodes every value. */
export type RowPath = 'relay' | 'driver';

/** How the values of one column travel: read by an expression, staged in a column, converted back by the server. */
export interface Transport {
  /** The expression of the page query; `column` is quoted and qualified. */
  read(column: string): string;
  /** Type of the staging column, without NULL and COLLATE. */
  readonly stagingType: string;
  /** True if the staging column holds text, and so needs a collation. */
  readonly text: boolean;
  /** The collation that the staged bytes are encoded in; null where any will do. */
  readonly collation: string | null;
  /** The staged value in the destination's type. */
  write(column: string, destination: ColumnType): string;
  /** Upper bound of a value's bytes, or null for large values, whose pages are bounded by their real size. */
  readonly widest: number | null;
}

/**
 * A transport through types that the driver carries exactly. Decimals and money go as text, because the driver reads and
 * writes them through a float (facts 4); datetime2, time and datetimeoffset too, because it loses digits below a
 * millisecond; varchar goes as nvarchar, because a bulk load encodes varchar in the connection's code page.
 */
export interface DriverTransport extends Transport {
  /** How the driver loads the staging column. */
  readonly bulk: Omit<BulkColumn, 'name'>;
}

const longestNvarchar = 4_000;
const longestVarbinary = 8_000;

const asIs = (column: string): string => column;

function native(stagingType: string, bulkType: BulkColumn['type'], widest: number): DriverTransport {
  return { read: asIs, stagingType, text: false, collation: null, bulk: { type: bulkType }, write: asIs, widest };
}

/** Text of at most `length` characters, made on the source by CONVERT and turned back on the destination. */
function asText(length: number, style: number | null): DriverTransport {
  const suffix = style === null ? '' : `, ${style}`;
  return {
    read: (column) => `CONVERT(varchar(${length}), ${column}${suffix})`,
    stagingType: `varchar(${length})`,
    text: true,
    collation: null,
    bulk: { type: TYPES.VarChar, length },
    write: (column, destination) => `CONVERT(${typeDeclaration(destination)}, ${column}${suffix})`,
    widest: length,
  };
}

/** Character data; `convert` where the driver would decode it by a code page or a text pointer. */
function characters(length: number, convert: boolean): DriverTransport {
  const large = length === -1 || length > longestNvarchar;
  const stagingType = `nvarchar(${large ? 'max' : length})`;
  return {
    read: (column) => (convert ? `CONVERT(${stagingType}, ${column})` : column),
    stagingType,
    text: true,
    collation: null,
    bulk: { type: TYPES.NVarChar, length: large ? Infinity : length },
    write: asIs,
    widest: large ? null : 2 * length,
  };
}

function bytes(length: number, convert: boolean): DriverTransport {
  const large = length === -1 || length > longestVarbinary;
  const stagingType = `varbinary(${large ? 'max' : length})`;
  return {
    read: (column) => (convert ? `CONVERT(${stagingType}, ${column})` : column),
    stagingType,
    text: false,
    collation: null,
    bulk: { type: TYPES.VarBinary, length: large ? Infinity : length },
    write: asIs,
    widest: large ? null : length,
  };
}

/**
 * The driver's transport of a source column. What it reads is of the staging column's own type, so the bytes of its
 * values can be relayed as well.
 * @param subject names the column in the failure
 * @throws RefreshError Refused for types that have no exact transport
 */
export function transportOf(type: ColumnType, subject: string): DriverTransport {
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
      return native('datetime', TYPES.DateTime, 8);
    case 'smalldatetime':
      return native('smalldatetime', TYPES.SmallDateTime, 4);
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
      return characters(type.length ?? 1, true);
    case 'nvarchar':
      return characters(type.length ?? 1, false);
    case 'text':
    case 'ntext':
      return characters(-1, true);
    case 'xml':
      return { ...characters(-1, true), write: (column) => `CONVERT(xml, ${column}, 1)` };
    case 'binary':
      return bytes(type.length ?? 1, true);
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

/**
 * The relay's transport of a source column whose values are copied: in its own type and, for varchar, its own collation,
 * so that neither server converts anything. text, ntext and image, which a bulk load would take with text pointers, and
 * xml go as the driver's way has them.
 * @throws RefreshError Refused for types that have no exact transport
 */
export function relayTransportOf(type: ColumnType, subject: string): Transport {
  const widest = relayedWidth(type);
  const isVarchar = type.name === 'char' || type.name === 'varchar';
  const known = type.collation !== null && /^\w+$/.test(type.collation);
  if (widest === null || (isVarchar && (!known || type.length === -1))) return transportOf(type, subject);
  const declaration = typeDeclaration(type);
  return {
    read: asIs,
    stagingType: declaration,
    text: isVarchar || type.name === 'nchar',
    collation: isVarchar ? type.collation : null,
    write: (column, destination) => {
      const wanted = typeDeclaration(destination);
      return isVarchar || wanted === declaration ? column : `CONVERT(${wanted}, ${column})`;
    },
    widest,
  };
}

/** Most bytes of a value in its own type; null for types that are not relayed in it. */
function relayedWidth(type: ColumnType): number | null {
  switch (type.name) {
    case 'decimal':
    case 'numeric':
      return 18;
    case 'datetime2':
    case 'time':
    case 'money':
    case 'smallmoney':
    case 'date':
      return 9;
    case 'datetimeoffset':
      return 11;
    case 'char':
    case 'varchar':
    case 'binary':
      return type.length ?? 1;
    case 'nchar':
      return 2 * (type.length ?? 1);
    default:
      return null;
  }
}
