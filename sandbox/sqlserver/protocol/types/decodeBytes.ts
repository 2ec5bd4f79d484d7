import type { SqlValue } from '../../engine/api.js';
import type { ByteCursor } from '../byteCursor.js';
import type { CodePage } from '../codePages.js';
import { ProtocolError } from '../packets.js';

/** Makes a value of a run of bytes. */
export type BytesDecoder = (buffer: Buffer, start: number, end: number) => SqlValue;

/** Reads a value with its length before it. */
export type ValueDecoder = (cursor: ByteCursor) => SqlValue;

export const binaryBytes: BytesDecoder = (buffer, start, end) => Buffer.from(buffer.subarray(start, end));

export const utf16Bytes: BytesDecoder = (buffer, start, end) => {
  if ((end - start) % 2 !== 0) throw new ProtocolError(`UTF-16 text of ${end - start} bytes`);
  return buffer.toString('utf16le', start, end);
};

export function codePageBytes(page: CodePage): BytesDecoder {
  return (buffer, start, end) => page.decode(buffer, start, end);
}

/** One length byte; `nullLength` is NULL. */
export function withLengthByte(decode: BytesDecoder, nullLength: number): ValueDecoder {
  return (cursor) => {
    const length = cursor.uint8();
    if (length === nullLength) return null;
    const start = cursor.take(length);
    return decode(cursor.buffer, start, start + length);
  };
}

/** Two length bytes; 0xFFFF is NULL. */
export function withLengthWord(decode: BytesDecoder, limit: number): ValueDecoder {
  return (cursor) => {
    const length = cursor.uint16();
    if (length === 0xffff) return null;
    if (length > limit) throw new ProtocolError(`a value of ${length} bytes in a column of ${limit}`);
    const start = cursor.take(length);
    return decode(cursor.buffer, start, start + length);
  };
}

/** Four length bytes; -1 is NULL: text, ntext and image as parameters. */
export function withLengthLong(decode: BytesDecoder): ValueDecoder {
  return (cursor) => {
    const length = cursor.int32();
    if (length === -1) return null;
    if (length < 0) throw new ProtocolError(`a value of ${length} bytes`);
    const start = cursor.take(length);
    return decode(cursor.buffer, start, start + length);
  };
}

const timestampBytes = 8;

/** text, ntext and image in rows: a text pointer, a timestamp, then the value. */
export function withTextPointer(decode: BytesDecoder): ValueDecoder {
  const value = withLengthLong(decode);
  return (cursor) => {
    const pointerLength = cursor.uint8();
    if (pointerLength === 0) return null;
    cursor.take(pointerLength + timestampBytes);
    return value(cursor);
  };
}

const chunkedNull = 0xffffffffffffffffn;
const chunkedUnknownLength = 0xfffffffffffffffen;

/** Max types: [MS-TDS] 2.2.5.2.3. The whole length, where the client tells it, must be that of its chunks. */
export function chunked(decode: BytesDecoder): ValueDecoder {
  return (cursor) => {
    const total = cursor.uint64();
    if (total === chunkedNull) return null;
    const pieces: Buffer[] = [];
    let length = 0;
    for (let size = cursor.uint32(); size !== 0; size = cursor.uint32()) {
      const start = cursor.take(size);
      pieces.push(cursor.buffer.subarray(start, start + size));
      length += size;
    }
    if (total !== chunkedUnknownLength && total !== BigInt(length)) {
      throw new ProtocolError(`chunks of ${length} bytes where ${total} were announced`);
    }
    const whole = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    return decode(whole, 0, whole.length);
  };
}
