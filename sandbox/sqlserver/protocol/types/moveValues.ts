import { largestScaledScale, type LoadColumnTarget } from '../../engine/api.js';
import type { ByteCursor } from '../byteCursor.js';
import type { ValueDecoder } from './decodeBytes.js';
import { readDateTime8, readSmallDateTime } from './decodeNumber.js';

/**
 * How values of a bulk load go from the message to their target without a SqlValue of their own. Whatever is not as it
 * mostly is, malformed values too, is left to the general way: decoding, then value().
 */

/** Moves one value, its length before it. */
export type ValueMover = (cursor: ByteCursor, target: LoadColumnTarget) => void;

/** Moves one value that is not NULL; its length, where it has one, is read already. */
export type BodyMover = (cursor: ByteCursor, target: LoadColumnTarget) => void;

/** The general way. */
export function decodingMover(decode: ValueDecoder): ValueMover {
  return (cursor, target) => {
    const value = decode(cursor);
    if (value === null) target.null();
    else target.value(value);
  };
}

export const moveBit: BodyMover = (cursor, target) => target.integer(cursor.uint8() === 0 ? 0 : 1);
export const moveInt8: BodyMover = (cursor, target) => target.integer(cursor.uint8());
export const moveInt16: BodyMover = (cursor, target) => target.integer(cursor.view.getInt16(cursor.take(2), true));
export const moveInt32: BodyMover = (cursor, target) => target.integer(cursor.int32());
export const moveSmallDateTime: BodyMover = (cursor, target) => target.integer(readSmallDateTime(cursor));
export const moveDateTime: BodyMover = (cursor, target) => target.integer(readDateTime8(cursor));

export const moveInt64: BodyMover = (cursor, target) => {
  const at = cursor.take(8);
  target.long(cursor.view.getInt32(at + 4, true), cursor.view.getUint32(at, true));
};

/** A length byte before each value, which may tell another size than the column's. */
export function sizedMover(bytes: number, move: BodyMover, general: ValueMover): ValueMover {
  return (cursor, target) => {
    const start = cursor.position;
    const length = cursor.uint8();
    if (length === bytes) {
      move(cursor, target);
    } else {
      cursor.position = start;
      general(cursor, target);
    }
  };
}

/** Upper halves below this make safe integers. */
const safeHigh = 0x200000;
const twoTo32 = 0x100000000;
/** Any safe integer has as many digits at most. */
const safeDigits = 16;

/** Digits up to 2^53 go directly. */
export function decimalMover(precision: number, scale: number, general: ValueMover): ValueMover {
  if (scale > largestScaledScale) return general;
  const limit = precision < safeDigits ? 10 ** precision : Infinity;
  return (cursor, target) => {
    const start = cursor.position;
    const length = cursor.uint8();
    if (length === 5 || length === 9 || length === 13 || length === 17) {
      const at = cursor.take(length);
      const { view } = cursor;
      const high = length > 5 ? view.getUint32(at + 5, true) : 0;
      const digits = high * twoTo32 + view.getUint32(at + 1, true);
      const fits = high < safeHigh && digits < limit;
      const upper =
        length > 9 && (view.getUint32(at + 9, true) !== 0 || (length > 13 && view.getUint32(at + 13, true) !== 0));
      if (fits && !upper) {
        target.scaled(digits, scale, digits !== 0 && cursor.buffer[at] === 0);
        return;
      }
    }
    cursor.position = start;
    general(cursor, target);
  };
}

/** Two length bytes before each value; 0xFFFF is NULL. */
function wordMover(
  limit: number,
  unit: number,
  move: (target: LoadColumnTarget, source: Buffer, start: number, end: number) => void,
  general: ValueMover,
): ValueMover {
  return (cursor, target) => {
    const at = cursor.position;
    const length = cursor.uint16();
    if (length <= limit && length % unit === 0) {
      const start = cursor.take(length);
      move(target, cursor.buffer, start, start + length);
    } else {
      cursor.position = at;
      general(cursor, target);
    }
  };
}

export function utf16Mover(limit: number, general: ValueMover): ValueMover {
  return wordMover(limit, 2, (target, source, start, end) => target.utf16(source, start, end), general);
}

export function binaryMover(limit: number, general: ValueMover): ValueMover {
  return wordMover(limit, 1, (target, source, start, end) => target.bytes(source, start, end), general);
}
