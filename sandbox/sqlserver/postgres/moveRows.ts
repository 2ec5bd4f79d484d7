import type { ResultColumnTarget, ResultTarget, SqlType } from '../engine/api.js';
import { largestScaledScale } from '../engine/api.js';
import { isCharacter } from '../engine/translate/types/sqlTypes.js';
import type { RowHandler } from './connection.js';
import { decoderOf, readInteger, type Decoder } from './values.js';

/**
 * How rows of a result go from PostgreSQL's bytes to the client's without a SqlValue for each value. Types without a
 * way of their own here are decoded as decodeRows() does.
 */

type ValueMover = (buffer: Buffer, at: number, length: number, target: ResultColumnTarget) => void;

const twoTo32 = 0x100000000;

const moveInteger: ValueMover = (buffer, at, length, target) => target.integer(readInteger(buffer, at, length));

/** Units of a date and time, which are safe integers. */
const moveUnits: ValueMover = (buffer, at, length, target) => {
  target.integer(length === 8 ? readHigh(buffer, at) * twoTo32 + readLow(buffer, at) : readInteger(buffer, at, length));
};

const moveLong: ValueMover = (buffer, at, length, target) => {
  if (length === 8) target.long(readHigh(buffer, at), readLow(buffer, at));
  else target.value(BigInt(readInteger(buffer, at, length)));
};

function readHigh(buffer: Buffer, at: number): number {
  return readInteger(buffer, at, 4);
}

function readLow(buffer: Buffer, at: number): number {
  return readInteger(buffer, at + 4, 4) >>> 0;
}

const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
/** Any number of so many digits is a safe integer. */
const safeDigits = 15;

/** Decimals come as text; short ones are read in place. */
function decimalMover(scale: number, decode: Decoder): ValueMover {
  if (scale > largestScaledScale) return decodingMover(decode);
  return (buffer, at, length, target) => {
    const end = at + length;
    const negative = buffer[at] === minus;
    let digits = 0;
    let index = negative ? at + 1 : at;
    let count = 0;
    // Decimals that the text leaves out.
    let missing = scale;
    let inFraction = false;
    for (; index < end; index++) {
      const code = buffer[index] as number;
      if (code === point && !inFraction) {
        inFraction = true;
        continue;
      }
      const digit = code - zero;
      if (digit < 0 || digit > 9) break;
      digits = digits * 10 + digit;
      count += 1;
      if (inFraction) missing -= 1;
    }
    if (index === end && missing >= 0 && count + missing <= safeDigits) {
      digits *= 10 ** missing;
      target.scaled(digits, scale, negative && digits !== 0);
    } else {
      target.value(decode(buffer, at, length));
    }
  };
}

const moveText: ValueMover = (buffer, at, length, target) => target.utf8(buffer, at, at + length);
const moveBytes: ValueMover = (buffer, at, length, target) => target.bytes(buffer, at, at + length);

function decodingMover(decode: Decoder): ValueMover {
  return (buffer, at, length, target) => target.value(decode(buffer, at, length));
}

function moverOf(type: SqlType): ValueMover {
  switch (type.name) {
    case 'bit':
    case 'tinyint':
    case 'smallint':
    case 'int':
      return moveInteger;
    case 'bigint':
      return moveLong;
    case 'datetime':
    case 'smalldatetime':
      return moveUnits;
    case 'decimal':
    case 'numeric':
      return decimalMover(type.scale ?? 0, decoderOf(type));
    case 'binary':
    case 'varbinary':
    case 'image':
      return moveBytes;
    default:
      return isCharacter(type) ? moveText : decodingMover(decoderOf(type));
  }
}

/** A row handler that moves rows of columns of `types`, in the formats of resultFormats(), to a target. */
export function moveRows(types: readonly SqlType[], target: ResultTarget): RowHandler {
  const movers = types.map(moverOf);
  const count = movers.length;
  const { columns } = target;
  return (buffer, offset) => {
    if (!target.startRow(countNulls(buffer, offset, count))) return undefined;
    let at = offset;
    try {
      for (let index = 0; index < count; index++) {
        const length = readInteger(buffer, at, 4);
        at += 4;
        if (length < 0) {
          (columns[index] as ResultColumnTarget).null();
        } else {
          (movers[index] as ValueMover)(buffer, at, length, columns[index] as ResultColumnTarget);
          at += length;
        }
      }
    } catch (error) {
      target.undoRow();
      throw error;
    }
    return target.endRow();
  };
}

function countNulls(buffer: Buffer, offset: number, count: number): number {
  let nulls = 0;
  let at = offset;
  for (let index = 0; index < count; index++) {
    const length = readInteger(buffer, at, 4);
    at += 4;
    if (length < 0) nulls += 1;
    else at += length;
  }
  return nulls;
}
