import type { DateTimeOffsetValue, SqlValue } from '../../engine/api.js';
import type { MessageWriter } from '../messageWriter.js';
import { parseScaled, scaled } from './decimalText.js';
import { writeGuid } from './guid.js';
import { timeBytes } from './wireTypes.js';

/** Writes one value that is not NULL, without any length before it. */
export type BodyEncoder = (writer: MessageWriter, value: NonNullable<SqlValue>) => void;

const twoTo32 = 0x100000000;
const ticksPerDay = 25_920_000;

export const encodeInt8: BodyEncoder = (writer, value) => {
  writer.buffer[writer.position++] = value as number;
};

export const encodeInt16: BodyEncoder = (writer, value) => {
  writer.view.setInt16(writer.position, value as number, true);
  writer.position += 2;
};

export const encodeInt32: BodyEncoder = (writer, value) => {
  writer.view.setInt32(writer.position, value as number, true);
  writer.position += 4;
};

export const encodeInt64: BodyEncoder = (writer, value) => {
  writer.view.setBigInt64(writer.position, value as bigint, true);
  writer.position += 8;
};

export const encodeFloat32: BodyEncoder = (writer, value) => {
  writer.view.setFloat32(writer.position, value as number, true);
  writer.position += 4;
};

export const encodeFloat64: BodyEncoder = (writer, value) => {
  writer.view.setFloat64(writer.position, value as number, true);
  writer.position += 8;
};

/** A sign byte, then the digits as an unsigned integer of `bytes` - 1 bytes. */
export function decimalEncoder(bytes: number, scale: number): BodyEncoder {
  return (writer, value) => {
    parseScaled(value as string, scale);
    const { view } = writer;
    let at = writer.position;
    writer.position += bytes;
    view.setUint8(at++, scaled.negative ? 0 : 1);
    const { magnitude } = scaled;
    if (typeof magnitude === 'number') {
      const high = Math.floor(magnitude / twoTo32);
      view.setUint32(at, magnitude >>> 0, true);
      if (bytes > 5) view.setUint32(at + 4, high, true);
      else if (high > 0) throw new RangeError(`${value as string} does not fit its precision`);
      if (bytes > 9) view.setUint32(at + 8, 0, true);
      if (bytes > 13) view.setUint32(at + 12, 0, true);
      return;
    }
    let rest = magnitude;
    for (let word = 4; word < bytes; word += 4, at += 4) {
      view.setUint32(at, Number(rest & 0xffffffffn), true);
      rest >>= 32n;
    }
    if (rest !== 0n) throw new RangeError(`${value as string} does not fit its precision`);
  };
}

const moneyScale = 4;

function signedScaled(value: string): bigint {
  const { negative, magnitude } = parseScaled(value, moneyScale);
  return negative ? -BigInt(magnitude) : BigInt(magnitude);
}

export const encodeSmallMoney: BodyEncoder = (writer, value) => {
  writer.view.setInt32(writer.position, Number(signedScaled(value as string)), true);
  writer.position += 4;
};

/** The high half goes first, each half little-endian. */
export const encodeMoney: BodyEncoder = (writer, value) => {
  const units = BigInt.asUintN(64, signedScaled(value as string));
  writer.view.setUint32(writer.position, Number(units >> 32n), true);
  writer.view.setUint32(writer.position + 4, Number(units & 0xffffffffn), true);
  writer.position += 8;
};

export const encodeSmallDateTime: BodyEncoder = (writer, value) => {
  const minutes = Number(value as bigint);
  const days = Math.floor(minutes / 1440);
  writer.view.setUint16(writer.position, days, true);
  writer.view.setUint16(writer.position + 2, minutes - days * 1440, true);
  writer.position += 4;
};

export const encodeDateTime: BodyEncoder = (writer, value) => {
  const ticks = Number(value as bigint);
  const days = Math.floor(ticks / ticksPerDay);
  writer.view.setInt32(writer.position, days, true);
  writer.view.setUint32(writer.position + 4, ticks - days * ticksPerDay, true);
  writer.position += 8;
};

function writeDate(writer: MessageWriter, days: number): void {
  const { buffer, position } = writer;
  buffer[position] = days;
  buffer[position + 1] = days >>> 8;
  buffer[position + 2] = days >>> 16;
  writer.position = position + 3;
}

function writeTime(writer: MessageWriter, units: number, bytes: number): void {
  writer.view.setUint32(writer.position, units >>> 0, true);
  if (bytes === 5) writer.buffer[writer.position + 4] = Math.floor(units / twoTo32);
  writer.position += bytes;
}

export const encodeDate: BodyEncoder = (writer, value) => writeDate(writer, Number(value as bigint));

/** Units of a time of the scale are 10^-scale seconds; SqlValue counts 100 ns. */
export function timeEncoder(scale: number): BodyEncoder {
  const divisor = 10 ** (7 - scale);
  const bytes = timeBytes(scale);
  return (writer, value) => {
    // The bytes beyond three are written too and overwritten by what follows.
    writer.ensure(5);
    writeTime(writer, Math.floor(Number(value as bigint) / divisor), bytes);
  };
}

const word = new BigInt64Array(1);
const halves = new Uint32Array(word.buffer);
/** 864,000,000,000 units of 100 ns a day are 2^14 times this: dividing in two steps stays exact in numbers. */
const dayShifted = 52_734_375;

function writeDateTime(writer: MessageWriter, units: bigint, divisor: number, bytes: number): void {
  word[0] = units;
  const low = halves[0]!;
  const shifted = halves[1]! * 0x40000 + (low >>> 14);
  const days = Math.floor(shifted / dayShifted);
  const time = (shifted - days * dayShifted) * 0x4000 + (low & 0x3fff);
  writeTime(writer, Math.floor(time / divisor), bytes);
  writeDate(writer, days);
}

export function dateTime2Encoder(scale: number): BodyEncoder {
  const divisor = 10 ** (7 - scale);
  const bytes = timeBytes(scale);
  return (writer, value) => writeDateTime(writer, value as bigint, divisor, bytes);
}

export function dateTimeOffsetEncoder(scale: number): BodyEncoder {
  const divisor = 10 ** (7 - scale);
  const bytes = timeBytes(scale);
  return (writer, value) => {
    const { utc, offsetMinutes } = value as DateTimeOffsetValue;
    writeDateTime(writer, utc, divisor, bytes);
    writer.view.setInt16(writer.position, offsetMinutes, true);
    writer.position += 2;
  };
}

export const encodeGuid: BodyEncoder = (writer, value) => {
  writeGuid(value as string, writer.buffer, writer.position);
  writer.position += 16;
};
