import type { SqlValue } from '../../engine/api.js';
import type { ByteCursor } from '../byteCursor.js';
import { ProtocolError } from '../packets.js';
import { formatScaled } from './decimalText.js';
import { readGuid } from './guid.js';
import { timeBytes } from './wireTypes.js';

/** Reads one value that is not NULL; its length, where it has one, is read already. */
export type BodyDecoder = (cursor: ByteCursor) => SqlValue;

const twoTo32 = 0x100000000;
const ticksPerDay = 25_920_000;
const unitsPerDay = 864_000_000_000n;

export const decodeBit: BodyDecoder = (cursor) => (cursor.uint8() === 0 ? 0 : 1);
export const decodeInt8: BodyDecoder = (cursor) => cursor.uint8();
export const decodeInt16: BodyDecoder = (cursor) => cursor.view.getInt16(cursor.take(2), true);
export const decodeInt32: BodyDecoder = (cursor) => cursor.int32();
export const decodeInt64: BodyDecoder = (cursor) => cursor.view.getBigInt64(cursor.take(8), true);
export const decodeFloat32: BodyDecoder = (cursor) => cursor.view.getFloat32(cursor.take(4), true);
export const decodeFloat64: BodyDecoder = (cursor) => cursor.view.getFloat64(cursor.take(8), true);

function unsignedText(cursor: ByteCursor, start: number, bytes: number): string {
  const low = cursor.view.getUint32(start, true);
  const high = bytes > 4 ? cursor.view.getUint32(start + 4, true) : 0;
  const top = bytes > 8 ? cursor.view.getUint32(start + 8, true) : 0;
  const highest = bytes > 12 ? cursor.view.getUint32(start + 12, true) : 0;
  if (top === 0 && highest === 0 && high < 0x200000) return String(high * twoTo32 + low);
  return String((BigInt(highest) << 96n) | (BigInt(top) << 64n) | (BigInt(high) << 32n) | BigInt(low));
}

/** Clients may send fewer bytes than the precision asks for, so the length is the value's own. */
export function decodeDecimal(cursor: ByteCursor, length: number, precision: number, scale: number): string {
  if (length !== 5 && length !== 9 && length !== 13 && length !== 17) {
    throw new ProtocolError(`decimal of ${length} bytes`);
  }
  const start = cursor.take(length);
  const digits = unsignedText(cursor, start + 1, length - 1);
  if (digits.length > precision) throw new ProtocolError(`decimal of ${digits.length} digits in ${precision}`);
  return formatScaled(digits, scale, cursor.buffer[start] === 0 && digits !== '0');
}

const moneyScale = 4;

function moneyText(units: bigint | number): string {
  return units < 0 ? formatScaled(String(-units), moneyScale, true) : formatScaled(String(units), moneyScale, false);
}

export const decodeSmallMoney: BodyDecoder = (cursor) => moneyText(cursor.int32());

export const decodeMoney: BodyDecoder = (cursor) => {
  const high = cursor.int32();
  const low = cursor.uint32();
  return moneyText((BigInt(high) << 32n) | BigInt(low));
};

/** Minutes since 1900-01-01. */
export function readSmallDateTime(cursor: ByteCursor): number {
  const days = cursor.uint16();
  return days * 1440 + cursor.uint16();
}

/** 1/300 s since 1900-01-01. */
export function readDateTime8(cursor: ByteCursor): number {
  const days = cursor.int32();
  return days * ticksPerDay + cursor.uint32();
}

export const decodeSmallDateTime: BodyDecoder = (cursor) => BigInt(readSmallDateTime(cursor));
export const decodeDateTime: BodyDecoder = (cursor) => BigInt(readDateTime8(cursor));

function readDays(cursor: ByteCursor): number {
  const at = cursor.take(3);
  const { buffer } = cursor;
  return buffer[at]! | (buffer[at + 1]! << 8) | (buffer[at + 2]! << 16);
}

function readTime(cursor: ByteCursor, bytes: number, multiplier: number): number {
  const at = cursor.take(bytes);
  const { buffer } = cursor;
  let units = buffer[at]! + buffer[at + 1]! * 0x100 + buffer[at + 2]! * 0x10000;
  if (bytes > 3) units += buffer[at + 3]! * 0x1000000;
  if (bytes > 4) units += buffer[at + 4]! * twoTo32;
  return units * multiplier;
}

export const decodeDate: BodyDecoder = (cursor) => BigInt(readDays(cursor));

export function timeDecoder(scale: number): BodyDecoder {
  const multiplier = 10 ** (7 - scale);
  const bytes = timeBytes(scale);
  return (cursor) => BigInt(readTime(cursor, bytes, multiplier));
}

function readDateTime(cursor: ByteCursor, bytes: number, multiplier: number): bigint {
  const time = readTime(cursor, bytes, multiplier);
  return BigInt(readDays(cursor)) * unitsPerDay + BigInt(time);
}

export function dateTime2Decoder(scale: number): BodyDecoder {
  const multiplier = 10 ** (7 - scale);
  const bytes = timeBytes(scale);
  return (cursor) => readDateTime(cursor, bytes, multiplier);
}

export function dateTimeOffsetDecoder(scale: number): BodyDecoder {
  const multiplier = 10 ** (7 - scale);
  const bytes = timeBytes(scale);
  return (cursor) => {
    const utc = readDateTime(cursor, bytes, multiplier);
    return { utc, offsetMinutes: cursor.view.getInt16(cursor.take(2), true) };
  };
}

export const decodeGuid: BodyDecoder = (cursor) => {
  const start = cursor.take(16);
  return readGuid(cursor.buffer, start);
};
