import type { SqlType } from '../../api.js';
import { unsupported } from '../../../tsql/unsupported.js';
import { lengthOf, numericLength } from '../types/sqlTypes.js';
import type { ConversionMode } from './conversions.js';

/** A binary value cut to the target's length; binary(n) is filled up with zeros on the right. */
export function toBinaryLength(sql: string, target: SqlType, from?: SqlType): string {
  const length = lengthOf(target);
  if (length === 'max') return sql;
  const fits = from !== undefined && numericLength(from) <= length;
  if (target.name === 'binary') return `tsql.fixed_binary(${sql}, ${length})`;
  return fits ? sql : `substring(${sql} FROM 1 FOR ${length})`;
}

/**
 * Text to bytes. Style 0 (or none): the bytes of the value, UTF-16LE for national types, code page 1252 otherwise;
 * 1: hexadecimal digits with 0x; 2: without. Errors: 8114 for other text.
 */
export function textToBinary(sql: string, national: boolean, mode: ConversionMode): string {
  switch (mode.style ?? 0) {
    case 0:
      return national ? `tsql.utf16_bytes(${sql})` : `tsql.code_page_bytes(${sql})`;
    case 1:
    case 2:
      return `tsql.hex_to_binary(${sql}, ${mode.style ?? 0}, ${mode.kind === 'try'})`;
    default:
      throw unsupported(`style ${mode.style} of CONVERT to binary`);
  }
}

/** An integer's big-endian bytes, right-justified in binary(n) or varbinary(n). */
export function numberToBinary(sql: string, target: SqlType, bytes: number): string {
  const length = lengthOf(target);
  const wanted = target.name === 'binary' && length !== 'max' ? length : Math.min(bytes, numericLength(target));
  return `tsql.integer_to_binary(${sql}::int8, ${wanted})`;
}
