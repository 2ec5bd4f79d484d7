import { largestScaledScale, type DateTimeOffsetValue } from '../api.js';
import '../../postgres/bufferSlices.js';
import { checkText, encodeDateTimeOffset } from '../../postgres/values.js';
import { SpareBlocks } from '../../../../src/sqlserver/relay/spareBlocks.js';
import { unsupported } from '../../tsql/unsupported.js';
import { utf8Of } from './utf8Of.js';

const initialBytes = 1 << 17;
/** Of all loads; as many as wait for the engine and for PostgreSQL. Blocks that grew for large values are let go. */
const blocks = new SpareBlocks(32, 1 << 21);
const noBytes = Buffer.alloc(0);
/** Bytes of UTF-16 from which on the native decoder is faster. */
const longUtf16 = 1024;
const tenTo = Array.from({ length: largestScaledScale + 4 }, (_, exponent) => 10 ** exponent);
/** Groups of the decimal that is being written, the last one first. */
const groups = new Uint16Array(8);

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/** Gives back a block that CopyBuffer.take() gave and that nobody reads any more, for the rows of any load. */
export function reuseCopyBlock(block: Buffer): void {
  blocks.giveBack(block);
}

/** Writes rows of COPY ... (FORMAT binary) into one growing buffer. */
export class CopyBuffer {
  private buffer: Buffer = noBytes;
  private view = viewOf(this.buffer);
  /** Of the next block: as much as the one before had to hold. */
  private blockBytes = initialBytes;
  private at = 0;

  /** Where the next byte goes. */
  get position(): number {
    return this.at;
  }

  /** Takes back what was written from a position on. */
  rewind(position: number): void {
    this.at = position;
  }

  private ensure(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return;
    this.grow(this.at + bytes);
  }

  private grow(needed: number): void {
    const outgrown = this.buffer;
    this.buffer = blocks.take(Math.max(this.blockBytes, outgrown.length * 2, needed));
    this.view = viewOf(this.buffer);
    outgrown.copy(this.buffer, 0, 0, this.at);
    if (outgrown !== noBytes) blocks.giveBack(outgrown);
  }

  /** What was written so far, to be given back with reuseCopyBlock(); writing starts anew in another block. */
  take(): Buffer {
    const written = this.buffer.subarray(0, this.at);
    this.blockBytes = Math.max(initialBytes, this.at);
    this.buffer = noBytes;
    this.view = viewOf(this.buffer);
    this.at = 0;
    return written;
  }

  header(): void {
    this.ensure(19);
    this.at += this.buffer.write('PGCOPY\n\xff\r\n\0', this.at, 'latin1');
    this.at = this.buffer.writeInt32BE(0, this.at);
    this.at = this.buffer.writeInt32BE(0, this.at);
  }

  trailer(): void {
    this.ensure(2);
    this.at = this.buffer.writeInt16BE(-1, this.at);
  }

  startRow(fields: number): void {
    this.ensure(2);
    this.view.setInt16(this.at, fields);
    this.at += 2;
  }

  null(): void {
    this.ensure(4);
    this.view.setInt32(this.at, -1);
    this.at += 4;
  }

  int2(value: number): void {
    this.ensure(6);
    this.view.setInt32(this.at, 2);
    this.at = this.buffer.writeInt16BE(value, this.at + 4);
  }

  int4(value: number): void {
    this.ensure(8);
    this.view.setInt32(this.at, 4);
    this.at = this.buffer.writeInt32BE(value, this.at + 4);
  }

  int8(value: bigint): void {
    this.ensure(12);
    this.view.setInt32(this.at, 8);
    this.view.setBigInt64(this.at + 4, value);
    this.at += 12;
  }

  /** An int8 by its halves, the lower one unsigned. */
  int8Halves(high: number, low: number): void {
    this.ensure(12);
    this.view.setInt32(this.at, 8);
    this.view.setInt32(this.at + 4, high);
    this.view.setUint32(this.at + 8, low);
    this.at += 12;
  }

  float4(value: number): void {
    this.ensure(8);
    this.at = this.buffer.writeInt32BE(4, this.at);
    this.at = this.buffer.writeFloatBE(value, this.at);
  }

  float8(value: number): void {
    this.ensure(12);
    this.at = this.buffer.writeInt32BE(8, this.at);
    this.at = this.buffer.writeDoubleBE(value, this.at);
  }

  /** The composite type tsql.datetimeoffset: two fields, each after its type's object identifier and its length. */
  datetimeOffset(value: DateTimeOffsetValue): void {
    this.ensure(36);
    this.at = this.buffer.writeInt32BE(32, this.at);
    this.at += encodeDateTimeOffset(value).copy(this.buffer, this.at);
  }

  bytes(value: Buffer): void {
    this.ensure(4 + value.length);
    this.at = this.buffer.writeInt32BE(value.length, this.at);
    this.at += value.copy(this.buffer, this.at);
  }

  slice(source: Buffer, start: number, end: number): void {
    const length = end - start;
    this.ensure(4 + length);
    this.view.setInt32(this.at, length);
    source.copy(this.buffer, this.at + 4, start, end);
    this.at += 4 + length;
  }

  /** Text that comes as UTF-16; refuses what text() does. */
  utf16(source: Buffer, start: number, end: number): void {
    const bytes = end - start;
    this.ensure(4 + (bytes >>> 1) * 3);
    const { buffer } = this;
    const from = this.at + 4;
    let at = from;
    let index = start;
    while (index < end) {
      const unit = (source[index] as number) | ((source[index + 1] as number) << 8);
      if (unit > 127 || unit === 0) break;
      buffer[at++] = unit;
      index += 2;
    }
    // The rest is not worth a call of the decoder, unless it is long.
    if (index < end)
      at = end - index > longUtf16 ? this.decoded(source, index, end, at) : utf8Of(source, index, end, buffer, at);
    this.view.setInt32(this.at, at - from);
    this.at = at;
  }

  private decoded(source: Buffer, start: number, end: number, at: number): number {
    return this.longText(source.ucs2Slice(start, end), at);
  }

  /** Refuses what PostgreSQL's text cannot hold: U+0000 and surrogates without their partner. */
  text(value: string): void {
    const units = value.length;
    this.ensure(4 + units * 3);
    const start = this.at + 4;
    const { buffer } = this;
    let at = start;
    for (let index = 0; index < units; index++) {
      const code = value.charCodeAt(index);
      if (code === 0) throw unsupported('the character U+0000 in text');
      if (code > 127) {
        at = this.longText(value, start);
        break;
      }
      buffer[at++] = code;
    }
    buffer.writeInt32BE(at - start, this.at);
    this.at = at;
  }

  private longText(value: string, start: number): number {
    checkText(value);
    return start + this.buffer.write(value, start, 'utf8');
  }

  /** 36 characters with hyphens. */
  uuid(value: string): void {
    this.ensure(20);
    this.at = this.buffer.writeInt32BE(16, this.at);
    this.at += this.buffer.write(value.replaceAll('-', ''), this.at, 'hex');
  }

  /**
   * digits / 10^scale in PostgreSQL's binary form, the same that numeric() makes of the value's notation. `digits` is a
   * safe integer, `scale` at most largestScaledScale.
   */
  scaled(digits: number, scale: number, negative: boolean): void {
    const fractionGroups = (scale + 3) >> 2;
    const power = tenTo[scale] as number;
    const rest = digits % power;
    let fraction = rest * (tenTo[fractionGroups * 4 - scale] as number);
    let whole = (digits - rest) / power;
    // Groups from the last to the first, zeros at both ends left out.
    let count = 0;
    let trailing = true;
    for (let index = 0; index < fractionGroups; index++) {
      const group = fraction % 10_000;
      fraction = (fraction - group) / 10_000;
      if (trailing && group === 0) continue;
      trailing = false;
      groups[count++] = group;
    }
    let weight = -1;
    while (whole > 0) {
      const group = whole % 10_000;
      whole = (whole - group) / 10_000;
      weight += 1;
      if (trailing && group === 0) continue;
      trailing = false;
      groups[count++] = group;
    }
    if (weight < 0) {
      while (count > 0 && groups[count - 1] === 0) {
        count -= 1;
        weight -= 1;
      }
    }
    this.ensure(12 + count * 2);
    const { view } = this;
    let { at } = this;
    view.setInt32(at, 8 + count * 2);
    view.setInt16(at + 4, count);
    view.setInt16(at + 6, count === 0 ? 0 : weight);
    view.setInt16(at + 8, negative ? 0x4000 : 0);
    view.setInt16(at + 10, scale);
    at += 12;
    while (count > 0) {
      view.setInt16(at, groups[--count] as number);
      at += 2;
    }
    this.at = at;
  }

  /** Plain decimal notation, in PostgreSQL's binary form: groups of four digits around the point. */
  numeric(text: string): void {
    const negative = text.charCodeAt(0) === 45;
    const start = negative ? 1 : 0;
    const point = text.indexOf('.');
    const wholeEnd = point < 0 ? text.length : point;
    const scale = point < 0 ? 0 : text.length - point - 1;
    let first = start;
    while (first < wholeEnd && text.charCodeAt(first) === 48) first += 1;
    const wholeDigits = wholeEnd - first;
    const wholeGroups = Math.ceil(wholeDigits / 4);
    const groups: number[] = [];
    let digitsLeft = wholeDigits % 4 === 0 ? 4 : wholeDigits % 4;
    let group = 0;
    for (let index = first; index < wholeEnd; index++) {
      group = group * 10 + text.charCodeAt(index) - 48;
      digitsLeft -= 1;
      if (digitsLeft === 0) {
        groups.push(group);
        group = 0;
        digitsLeft = 4;
      }
    }
    for (let index = 0; index < scale; index += 4) {
      group = 0;
      for (let digit = 0; digit < 4; digit++) {
        const place = index + digit;
        group = group * 10 + (place < scale ? text.charCodeAt(point + 1 + place) - 48 : 0);
      }
      groups.push(group);
    }
    let weight = wholeGroups - 1;
    let from = 0;
    while (from < groups.length && groups[from] === 0) {
      from += 1;
      weight -= 1;
    }
    let to = groups.length;
    while (to > from && groups[to - 1] === 0) to -= 1;
    const count = to - from;
    this.ensure(12 + count * 2);
    this.at = this.buffer.writeInt32BE(8 + count * 2, this.at);
    this.at = this.buffer.writeInt16BE(count, this.at);
    this.at = this.buffer.writeInt16BE(count === 0 ? 0 : weight, this.at);
    this.at = this.buffer.writeUInt16BE(negative && count > 0 ? 0x4000 : 0, this.at);
    this.at = this.buffer.writeInt16BE(scale, this.at);
    for (let index = from; index < to; index++) this.at = this.buffer.writeInt16BE(groups[index] as number, this.at);
  }
}
