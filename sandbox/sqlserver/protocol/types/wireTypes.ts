/** Type tokens of TYPE_INFO: [MS-TDS] 2.2.5.4. */
export const wireTypes = {
  // Fixed length: never NULL.
  null: 0x1f,
  int1: 0x30,
  bit: 0x32,
  int2: 0x34,
  int4: 0x38,
  datetime4: 0x3a,
  float4: 0x3b,
  money8: 0x3c,
  datetime8: 0x3d,
  float8: 0x3e,
  money4: 0x7a,
  int8: 0x7f,
  // A length byte before each value.
  guid: 0x24,
  intN: 0x26,
  date: 0x28,
  time: 0x29,
  datetime2: 0x2a,
  datetimeOffset: 0x2b,
  decimal: 0x37,
  numeric: 0x3f,
  bitN: 0x68,
  decimalN: 0x6a,
  numericN: 0x6c,
  floatN: 0x6d,
  moneyN: 0x6e,
  datetimeN: 0x6f,
  // Types of clients before TDS 7, still allowed: a length byte before each value.
  oldVarbinary: 0x25,
  oldVarchar: 0x27,
  oldBinary: 0x2d,
  oldChar: 0x2f,
  // Two length bytes, or chunks when the declared length is 0xFFFF.
  varbinary: 0xa5,
  varchar: 0xa7,
  binary: 0xad,
  char: 0xaf,
  nvarchar: 0xe7,
  nchar: 0xef,
  // Four length bytes, after a text pointer in rows.
  image: 0x22,
  text: 0x23,
  ntext: 0x63,
  // Not supported.
  variant: 0x62,
  userDefined: 0xf0,
  xml: 0xf1,
  table: 0xf3,
} as const;

export const maxLength = 0xffff;

/** Bytes of a time value of a scale: [MS-TDS] 2.2.5.5.1.8. */
export function timeBytes(scale: number): number {
  return scale <= 2 ? 3 : scale <= 4 ? 4 : 5;
}

/** Bytes of a decimal value of a precision, its sign included: [MS-TDS] 2.2.5.5.1.6. */
export function decimalBytes(precision: number): number {
  return precision <= 9 ? 5 : precision <= 19 ? 9 : precision <= 28 ? 13 : 17;
}
