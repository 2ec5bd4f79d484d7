import type { DateTimeOffsetValue } from '../api.js';
import { encodeDateTimeOffset } from '../../postgres/values.js';
import { unsupported } from '../../tsql/unsupported.js';

const initialBytes = 1 << 17;

/** Writes rows of COPY ... (FORMAT binary) into one growing buffer. */
export class CopyBuffer {
  private buffer = Buffer.allocUnsafe(initialBytes);
  private at = 0;

  get length(): number {
    return this.at;
  }

  private ensure(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.at + bytes));
    this.buffer.copy(grown, 0, 0, this.at);
    this.buffer = grown;
  }

  /** What was written so far; writing starts anew in a fresh buffer. */
  take(): Buffer {
    const written = this.buffer.subarray(0, this.at);
    this.buffer = Buffer.allocUnsafe(Math.max(initialBytes, this.at));
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
    this.at = this.buffer.writeInt16BE(fields, this.at);
  }

  null(): void {
    this.ensure(4);
    this.at = this.buffer.writeInt32BE(-1, this.at);
  }

  int2(value: number): void {
    this.ensure(6);
    this.at = this.buffer.writeInt32BE(2, this.at);
    this.at = this.buffer.writeInt16BE(value, this.at);
  }

  int4(value: number): void {
    this.ensure(8);
    this.at = this.buffer.writeInt32BE(4, this.at);
    this.at = this.buffer.writeInt32BE(value, this.at);
  }

  int8(value: bigint): void {
    this.ensure(12);
    this.at = this.buffer.writeInt32BE(8, this.at);
    this.at = this.buffer.writeBigInt64BE(value, this.at);
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
    if (value.includes('\0')) throw unsupported('the character U+0000 in text');
    if (!(value as unknown as { isWellFormed(): boolean }).isWellFormed()) {
      throw unsupported('a surrogate without its partner in text');
    }
    return start + this.buffer.write(value, start, 'utf8');
  }

  /** 36 characters with hyphens. */
  uuid(value: string): void {
    this.ensure(20);
    this.at = this.buffer.writeInt32BE(16, this.at);
    this.at += this.buffer.write(value.replaceAll('-', ''), this.at, 'hex');
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
