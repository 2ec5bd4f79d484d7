import type { SqlType, SqlTypeName } from '../api.js';

/** Identifier of each system type in sys.types. */
export const systemTypeIds: Readonly<Record<SqlTypeName, number>> = {
  image: 34,
  text: 35,
  uniqueidentifier: 36,
  date: 40,
  time: 41,
  datetime2: 42,
  datetimeoffset: 43,
  tinyint: 48,
  smallint: 52,
  int: 56,
  smalldatetime: 58,
  real: 59,
  money: 60,
  datetime: 61,
  float: 62,
  ntext: 99,
  bit: 104,
  decimal: 106,
  numeric: 108,
  smallmoney: 122,
  bigint: 127,
  varbinary: 165,
  varchar: 167,
  binary: 173,
  char: 175,
  nvarchar: 231,
  nchar: 239,
};

export const sysnameUserTypeId = 256;

/** What sys.columns and sys.types say about a type. */
export interface TypeFacts {
  readonly systemTypeId: number;
  /** Bytes; -1 for the (max) types. */
  readonly maxLength: number;
  readonly precision: number;
  readonly scale: number;
}

const fixed: Partial<Record<SqlTypeName, readonly [length: number, precision: number, scale: number]>> = {
  image: [16, 0, 0],
  text: [16, 0, 0],
  ntext: [16, 0, 0],
  uniqueidentifier: [16, 0, 0],
  date: [3, 10, 0],
  tinyint: [1, 3, 0],
  smallint: [2, 5, 0],
  int: [4, 10, 0],
  bigint: [8, 19, 0],
  bit: [1, 1, 0],
  smalldatetime: [4, 16, 0],
  datetime: [8, 23, 3],
  real: [4, 24, 0],
  float: [8, 53, 0],
  money: [8, 19, 4],
  smallmoney: [4, 10, 4],
};

export function typeFacts(type: SqlType): TypeFacts {
  const systemTypeId = systemTypeIds[type.name];
  const constant = fixed[type.name];
  if (constant !== undefined) {
    return { systemTypeId, maxLength: constant[0], precision: constant[1], scale: constant[2] };
  }
  switch (type.name) {
    case 'decimal':
    case 'numeric': {
      const precision = type.precision ?? 18;
      const maxLength = precision <= 9 ? 5 : precision <= 19 ? 9 : precision <= 28 ? 13 : 17;
      return { systemTypeId, maxLength, precision, scale: type.scale ?? 0 };
    }
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return { systemTypeId, ...temporalFacts(type.name, type.scale ?? 7) };
    default: {
      const width = type.name === 'nchar' || type.name === 'nvarchar' ? 2 : 1;
      const length = type.length ?? 1;
      return { systemTypeId, maxLength: length === 'max' ? -1 : length * width, precision: 0, scale: 0 };
    }
  }
}

function temporalFacts(name: 'time' | 'datetime2' | 'datetimeoffset', scale: number): Omit<TypeFacts, 'systemTypeId'> {
  const base = { time: [3, 8], datetime2: [6, 19], datetimeoffset: [8, 26] }[name] as [number, number];
  const extra = scale <= 2 ? 0 : scale <= 4 ? 1 : 2;
  return { maxLength: base[0] + extra, precision: base[1] + (scale === 0 ? 0 : scale + 1), scale };
}

/** Rows of sys.types: name, identifier, and the facts of the type without parameters. */
export const systemTypes: readonly { readonly name: string; readonly userTypeId: number; readonly facts: TypeFacts }[] =
  [
    ...(Object.keys(systemTypeIds) as SqlTypeName[]).map((name) => ({
      name,
      userTypeId: systemTypeIds[name],
      facts: widestFacts(name),
    })),
    { name: 'sysname', userTypeId: sysnameUserTypeId, facts: typeFacts({ name: 'nvarchar', length: 128 }) },
  ];

function widestFacts(name: SqlTypeName): TypeFacts {
  if (name === 'decimal' || name === 'numeric') return typeFacts({ name, precision: 38, scale: 38 });
  if (name === 'nchar' || name === 'nvarchar') return typeFacts({ name, length: 4000 });
  if (name === 'time' || name === 'datetime2' || name === 'datetimeoffset') return typeFacts({ name, scale: 7 });
  return typeFacts({ name, length: 8000 });
}
