import type { SqlType, SqlValue } from '../../engine/api.js';
import { unsupported } from '../../tsql/unsupported.js';
import type { ByteCursor } from '../byteCursor.js';
import type { CodePage } from '../codePages.js';
import { codePageOfBytes } from '../collations.js';
import { ProtocolError } from '../packets.js';
import * as bytes from './decodeBytes.js';
import type { BytesDecoder, ValueDecoder } from './decodeBytes.js';
import * as body from './decodeNumber.js';
import type { BodyDecoder } from './decodeNumber.js';
import * as move from './moveValues.js';
import type { BodyMover, ValueMover } from './moveValues.js';
import { maxLength, timeBytes, wireTypes } from './wireTypes.js';

/** A type that a client announced, and how to read its values. */
export interface ReadableType {
  readonly type: SqlType;
  /** Value of an RPC parameter. */
  readonly parameter: ValueDecoder;
  /** Value in a row of a bulk load. */
  readonly row: ValueDecoder;
  /** What takes such a value to its target. */
  readonly mover: ValueMover;
}

function readable(type: SqlType, decode: ValueDecoder, mover = move.decodingMover(decode)): ReadableType {
  return { type, parameter: decode, row: decode, mover };
}

function nullable(decoders: Readonly<Record<number, BodyDecoder>>): ValueDecoder {
  return (cursor) => {
    const length = cursor.uint8();
    if (length === 0) return null;
    const decode = decoders[length];
    if (decode === undefined) throw new ProtocolError(`a value of ${length} bytes`);
    return decode(cursor);
  };
}

/** Types of one wire type by their sizes. Any of these sizes may come in a column of another one. */
function sizedFamily(
  family: Readonly<Record<number, readonly [SqlType, BodyDecoder, BodyMover?]>>,
): Readonly<Record<string, ReadableType>> {
  const entries = Object.entries(family);
  const decode = nullable(Object.fromEntries(entries.map(([size, [, body]]) => [size, body])));
  const general = move.decodingMover(decode);
  const types = entries.map(([size, [type, , mover]]) => {
    const direct = mover === undefined ? general : move.sizedMover(Number(size), mover, general);
    return [size, readable(type, decode, direct)];
  });
  return Object.fromEntries(types) as Record<string, ReadableType>;
}

const families: Readonly<Record<number, Readonly<Record<string, ReadableType>>>> = {
  [wireTypes.intN]: sizedFamily({
    1: [{ name: 'tinyint' }, body.decodeInt8, move.moveInt8],
    2: [{ name: 'smallint' }, body.decodeInt16, move.moveInt16],
    4: [{ name: 'int' }, body.decodeInt32, move.moveInt32],
    8: [{ name: 'bigint' }, body.decodeInt64, move.moveInt64],
  }),
  [wireTypes.bitN]: sizedFamily({ 1: [{ name: 'bit' }, body.decodeBit, move.moveBit] }),
  [wireTypes.floatN]: sizedFamily({
    4: [{ name: 'real' }, body.decodeFloat32],
    8: [{ name: 'float' }, body.decodeFloat64],
  }),
  [wireTypes.moneyN]: sizedFamily({
    4: [{ name: 'smallmoney' }, body.decodeSmallMoney],
    8: [{ name: 'money' }, body.decodeMoney],
  }),
  [wireTypes.datetimeN]: sizedFamily({
    4: [{ name: 'smalldatetime' }, body.decodeSmallDateTime, move.moveSmallDateTime],
    8: [{ name: 'datetime' }, body.decodeDateTime, move.moveDateTime],
  }),
  [wireTypes.guid]: sizedFamily({ 16: [{ name: 'uniqueidentifier' }, body.decodeGuid] }),
};

const fixedTypes: Readonly<Record<number, ReadableType>> = {
  [wireTypes.int1]: readable({ name: 'tinyint' }, body.decodeInt8, move.moveInt8),
  [wireTypes.int2]: readable({ name: 'smallint' }, body.decodeInt16, move.moveInt16),
  [wireTypes.int4]: readable({ name: 'int' }, body.decodeInt32, move.moveInt32),
  [wireTypes.int8]: readable({ name: 'bigint' }, body.decodeInt64, move.moveInt64),
  [wireTypes.bit]: readable({ name: 'bit' }, body.decodeBit, move.moveBit),
  [wireTypes.float4]: readable({ name: 'real' }, body.decodeFloat32),
  [wireTypes.float8]: readable({ name: 'float' }, body.decodeFloat64),
  [wireTypes.money4]: readable({ name: 'smallmoney' }, body.decodeSmallMoney),
  [wireTypes.money8]: readable({ name: 'money' }, body.decodeMoney),
  [wireTypes.datetime4]: readable({ name: 'smalldatetime' }, body.decodeSmallDateTime, move.moveSmallDateTime),
  [wireTypes.datetime8]: readable({ name: 'datetime' }, body.decodeDateTime, move.moveDateTime),
  [wireTypes.date]: readable({ name: 'date' }, nullable({ 3: body.decodeDate })),
};

const refusedTypes: Readonly<Record<number, string>> = {
  [wireTypes.null]: 'null',
  [wireTypes.variant]: 'sql_variant',
  [wireTypes.userDefined]: 'CLR user-defined type',
  [wireTypes.xml]: 'xml',
  [wireTypes.table]: 'table-valued parameter',
};

function readDecimal(cursor: ByteCursor, name: 'decimal' | 'numeric'): ReadableType {
  cursor.uint8();
  const precision = cursor.uint8();
  const scale = cursor.uint8();
  if (precision < 1 || precision > 38 || scale > precision) throw new ProtocolError(`${name}(${precision},${scale})`);
  const decode: ValueDecoder = (source): SqlValue => {
    const length = source.uint8();
    return length === 0 ? null : body.decodeDecimal(source, length, precision, scale);
  };
  const mover = move.decimalMover(precision, scale, move.decodingMover(decode));
  return readable({ name, precision, scale }, decode, mover);
}

function readScaled(
  cursor: ByteCursor,
  name: 'time' | 'datetime2' | 'datetimeoffset',
  extraBytes: number,
  decoder: (scale: number) => BodyDecoder,
): ReadableType {
  const scale = cursor.uint8();
  if (scale > 7) throw new ProtocolError(`${name}(${scale})`);
  return readable({ name, scale }, nullable({ [timeBytes(scale) + extraBytes]: decoder(scale) }));
}

function readPage(cursor: ByteCursor, fallback: CodePage): CodePage {
  return codePageOfBytes(cursor.buffer, cursor.take(5), fallback);
}

/** Types with a two-byte length; `bytesPerCharacter` turns it into the declared one. */
function readSizedText(cursor: ByteCursor, name: SqlType['name'], perCharacter: number, page?: CodePage): ReadableType {
  const length = cursor.uint16();
  const wide = perCharacter === 2;
  const ownPage = page === undefined ? undefined : readPage(cursor, page);
  const decode = wide ? bytes.utf16Bytes : ownPage === undefined ? bytes.binaryBytes : bytes.codePageBytes(ownPage);
  if (length === maxLength) return readable({ name, length: 'max' }, bytes.chunked(decode));
  const sized = bytes.withLengthWord(decode, length);
  const general = move.decodingMover(sized);
  const binary = ownPage === undefined;
  const mover = wide ? move.utf16Mover(length, general) : binary ? move.binaryMover(length, general) : general;
  return readable({ name, length: length / perCharacter }, sized, mover);
}

function readLong(cursor: ByteCursor, name: 'text' | 'ntext' | 'image', fallback: CodePage): ReadableType {
  cursor.uint32();
  let decode: BytesDecoder = bytes.binaryBytes;
  if (name !== 'image') {
    const page = readPage(cursor, fallback);
    decode = name === 'ntext' ? bytes.utf16Bytes : bytes.codePageBytes(page);
  }
  const row = bytes.withTextPointer(decode);
  return { type: { name }, parameter: bytes.withLengthLong(decode), row, mover: move.decodingMover(row) };
}

/** Types of clients before TDS 7, which carry no collation. */
function readOld(cursor: ByteCursor, name: 'char' | 'varchar' | 'binary' | 'varbinary', page: CodePage): ReadableType {
  const length = cursor.uint8();
  const decode = name === 'char' || name === 'varchar' ? bytes.codePageBytes(page) : bytes.binaryBytes;
  return readable({ name, length }, bytes.withLengthByte(decode, 0));
}

/**
 * Reads a TYPE_INFO. Throws SqlError for types the sandbox refuses, ProtocolError for what is none.
 * `page` is the code page of text whose collation the client left empty.
 */
export function readTypeInfo(cursor: ByteCursor, page: CodePage): ReadableType {
  const wireType = cursor.uint8();
  const fixed = fixedTypes[wireType];
  if (fixed !== undefined) return fixed;
  const family = families[wireType];
  if (family !== undefined) {
    const size = cursor.uint8();
    const type = family[size];
    if (type === undefined) throw new ProtocolError(`type 0x${wireType.toString(16)} of ${size} bytes`);
    return type;
  }
  switch (wireType) {
    case wireTypes.decimal:
    case wireTypes.decimalN:
      return readDecimal(cursor, 'decimal');
    case wireTypes.numeric:
    case wireTypes.numericN:
      return readDecimal(cursor, 'numeric');
    case wireTypes.time:
      return readScaled(cursor, 'time', 0, body.timeDecoder);
    case wireTypes.datetime2:
      return readScaled(cursor, 'datetime2', 3, body.dateTime2Decoder);
    case wireTypes.datetimeOffset:
      return readScaled(cursor, 'datetimeoffset', 5, body.dateTimeOffsetDecoder);
    case wireTypes.char:
      return readSizedText(cursor, 'char', 1, page);
    case wireTypes.varchar:
      return readSizedText(cursor, 'varchar', 1, page);
    case wireTypes.nchar:
      return readSizedText(cursor, 'nchar', 2, page);
    case wireTypes.nvarchar:
      return readSizedText(cursor, 'nvarchar', 2, page);
    case wireTypes.binary:
      return readSizedText(cursor, 'binary', 1);
    case wireTypes.varbinary:
      return readSizedText(cursor, 'varbinary', 1);
    case wireTypes.text:
      return readLong(cursor, 'text', page);
    case wireTypes.ntext:
      return readLong(cursor, 'ntext', page);
    case wireTypes.image:
      return readLong(cursor, 'image', page);
    case wireTypes.oldChar:
      return readOld(cursor, 'char', page);
    case wireTypes.oldVarchar:
      return readOld(cursor, 'varchar', page);
    case wireTypes.oldBinary:
      return readOld(cursor, 'binary', page);
    case wireTypes.oldVarbinary:
      return readOld(cursor, 'varbinary', page);
    default:
      if (refusedTypes[wireType] !== undefined) {
        throw unsupported(`${refusedTypes[wireType]} as the type of a parameter or a bulk load column`);
      }
      throw new ProtocolError(`type 0x${wireType.toString(16)}`);
  }
}
