import type { SqlType, SqlValue } from '../../engine/api.js';
import { collation } from '../collations.js';
import type { MessageWriter } from '../messageWriter.js';
import * as body from './encodeNumber.js';
import type { BodyEncoder } from './encodeNumber.js';
import { writeCodePage, writePadding, writeUtf16 } from './encodeText.js';
import { declaredBytes, defaultPrecision, defaultTimeScale } from './typeInfo.js';
import { decimalBytes, timeBytes } from './wireTypes.js';

/** Writes a value of one column as rows and return values carry it, its length included. */
export type ValueEncoder = (writer: MessageWriter, value: SqlValue) => void;

/** A type whose NOT NULL form has no length byte. */
function sized(nullable: boolean, bytes: number, encode: BodyEncoder): ValueEncoder {
  if (nullable) return withLengthByte(bytes, encode);
  return (writer, value) => {
    if (value === null) throw new Error('NULL in a column declared NOT NULL');
    writer.ensure(bytes);
    encode(writer, value);
  };
}

function withLengthByte(bytes: number, encode: BodyEncoder): ValueEncoder {
  return (writer, value) => {
    writer.ensure(bytes + 1);
    if (value === null) {
      writer.buffer[writer.position++] = 0;
      return;
    }
    writer.buffer[writer.position++] = bytes;
    encode(writer, value);
  };
}

interface BytesEncoder {
  /** Bytes of the value on the wire. */
  size(value: NonNullable<SqlValue>): number;
  write(writer: MessageWriter, value: NonNullable<SqlValue>): void;
  readonly padding: 'utf16' | 'codePage' | 'binary';
}

const binary: BytesEncoder = {
  size: (value) => (value as Buffer).length,
  write: (writer, value) => writer.bytes(value as Buffer),
  padding: 'binary',
};

const utf16: BytesEncoder = {
  size: (value) => (value as string).length * 2,
  write: (writer, value) => writeUtf16(writer, value as string),
  padding: 'utf16',
};

function codePageText(collationName: string): BytesEncoder {
  const page = collation(collationName).codePage;
  return {
    size: (value) => (value as string).length,
    write: (writer, value) => writeCodePage(writer, value as string, page),
    padding: 'codePage',
  };
}

/** Two length bytes; 0xFFFF is NULL. `fixed` pads to the declared length, as (n)char and binary are. */
function withLengthWord(limit: number, fixed: boolean, bytes: BytesEncoder): ValueEncoder {
  return (writer, value) => {
    if (value === null) {
      writer.uint16(0xffff);
      return;
    }
    const size = bytes.size(value);
    if (size > limit) throw new RangeError(`a value of ${size} bytes does not fit its column of ${limit}`);
    writer.uint16(fixed ? limit : size);
    bytes.write(writer, value);
    if (fixed) writePadding(writer, limit - size, bytes.padding);
  };
}

const chunkedNull = 0xffffffffffffffffn;

/** A max type: the whole length, one chunk, and the terminator ([MS-TDS] 2.2.5.2.3). */
function chunked(bytes: BytesEncoder): ValueEncoder {
  return (writer, value) => {
    if (value === null) {
      writer.uint64(chunkedNull);
      return;
    }
    const size = bytes.size(value);
    writer.uint64(BigInt(size));
    if (size > 0) {
      writer.uint32(size);
      bytes.write(writer, value);
    }
    writer.uint32(0);
  };
}

/** What SQL Server sends for rows of read-only results, too: 16 bytes of pointer and 8 of timestamp. */
const textPointer = Buffer.concat([
  Buffer.of(16),
  Buffer.from('dummy textptr\0\0\0', 'latin1'),
  Buffer.from('dummyTS\0'),
]);

function withTextPointer(bytes: BytesEncoder): ValueEncoder {
  return (writer, value) => {
    if (value === null) {
      writer.uint8(0);
      return;
    }
    writer.bytes(textPointer);
    writer.uint32(bytes.size(value));
    bytes.write(writer, value);
  };
}

function variable(type: SqlType, fixed: boolean, bytes: BytesEncoder): ValueEncoder {
  const limit = declaredBytes(type);
  return limit === 'max' ? chunked(bytes) : withLengthWord(limit, fixed, bytes);
}

/** The encoder that fits writeTypeInfo(type, nullable). Throws SqlError for collations the protocol lacks. */
export function valueEncoder(type: SqlType, nullable: boolean, defaultCollation: string): ValueEncoder {
  const textBytes = () => codePageText(type.collation ?? defaultCollation);
  const scale = type.scale ?? defaultTimeScale;
  switch (type.name) {
    case 'bit':
    case 'tinyint':
      return sized(nullable, 1, body.encodeInt8);
    case 'smallint':
      return sized(nullable, 2, body.encodeInt16);
    case 'int':
      return sized(nullable, 4, body.encodeInt32);
    case 'bigint':
      return sized(nullable, 8, body.encodeInt64);
    case 'real':
      return sized(nullable, 4, body.encodeFloat32);
    case 'float':
      return sized(nullable, 8, body.encodeFloat64);
    case 'smallmoney':
      return sized(nullable, 4, body.encodeSmallMoney);
    case 'money':
      return sized(nullable, 8, body.encodeMoney);
    case 'smalldatetime':
      return sized(nullable, 4, body.encodeSmallDateTime);
    case 'datetime':
      return sized(nullable, 8, body.encodeDateTime);
    case 'decimal':
    case 'numeric': {
      const bytes = decimalBytes(type.precision ?? defaultPrecision);
      return withLengthByte(bytes, body.decimalEncoder(bytes, type.scale ?? 0));
    }
    case 'date':
      return withLengthByte(3, body.encodeDate);
    case 'time':
      return withLengthByte(timeBytes(scale), body.timeEncoder(scale));
    case 'datetime2':
      return withLengthByte(timeBytes(scale) + 3, body.dateTime2Encoder(scale));
    case 'datetimeoffset':
      return withLengthByte(timeBytes(scale) + 5, body.dateTimeOffsetEncoder(scale));
    case 'uniqueidentifier':
      return withLengthByte(16, body.encodeGuid);
    case 'char':
      return variable(type, true, textBytes());
    case 'varchar':
      return variable(type, false, textBytes());
    case 'nchar':
      return variable(type, true, utf16);
    case 'nvarchar':
      return variable(type, false, utf16);
    case 'binary':
      return variable(type, true, binary);
    case 'varbinary':
      return variable(type, false, binary);
    case 'text':
      return withTextPointer(textBytes());
    case 'ntext':
      return withTextPointer(utf16);
    case 'image':
      return withTextPointer(binary);
  }
}
