import { SqlError, type SqlType, type SqlTypeName } from '../engine/api.js';

/** A parameter as the declaration text of sp_executesql and sp_prepare tells it. */
export interface DeclaredParameter {
  /** With its leading '@'. */
  readonly name: string;
  readonly type: SqlType;
  readonly output: boolean;
}

type Arguments = readonly string[];
type TypeMaker = (args: Arguments) => SqlType;

function plain(name: SqlTypeName): TypeMaker {
  return (args) => {
    if (args.length > 0) throw new SqlError(2716, `Cannot specify a column width on data type ${name}.`);
    return { name };
  };
}

/** Without a length, one character or byte. */
function sized(name: SqlTypeName, longest: number, allowsMax: boolean): TypeMaker {
  return ([length]) => {
    if (length === undefined) return { name, length: 1 };
    if (/^max$/i.test(length) && allowsMax) return { name, length: 'max' };
    const value = Number(length);
    if (!Number.isInteger(value) || value < 1 || value > longest) {
      throw new SqlError(2717, `The size (${length}) given to the parameter exceeds the maximum allowed (${longest}).`);
    }
    return { name, length: value };
  };
}

function decimal(name: 'decimal' | 'numeric'): TypeMaker {
  return ([precision = '18', scale = '0']) => {
    const type = { name, precision: Number(precision), scale: Number(scale) };
    if (!(type.precision >= 1 && type.precision <= 38 && type.scale >= 0 && type.scale <= type.precision)) {
      throw new SqlError(1007, `The number '${precision},${scale}' is out of the range of ${name} types.`, {
        class: 15,
      });
    }
    return type;
  };
}

function scaled(name: 'time' | 'datetime2' | 'datetimeoffset'): TypeMaker {
  return ([scale = '7']) => {
    if (!/^[0-7]$/.test(scale)) throw new SqlError(1002, `Specified scale ${scale} is invalid.`, { class: 15 });
    return { name, scale: Number(scale) };
  };
}

const float: TypeMaker = ([bits = '53']) => ({ name: Number(bits) <= 24 ? 'real' : 'float' });

const typeMakers: Readonly<Record<string, TypeMaker>> = {
  bit: plain('bit'),
  tinyint: plain('tinyint'),
  smallint: plain('smallint'),
  int: plain('int'),
  integer: plain('int'),
  bigint: plain('bigint'),
  decimal: decimal('decimal'),
  dec: decimal('decimal'),
  numeric: decimal('numeric'),
  money: plain('money'),
  smallmoney: plain('smallmoney'),
  real: plain('real'),
  float,
  date: plain('date'),
  time: scaled('time'),
  datetime: plain('datetime'),
  smalldatetime: plain('smalldatetime'),
  datetime2: scaled('datetime2'),
  datetimeoffset: scaled('datetimeoffset'),
  char: sized('char', 8000, false),
  character: sized('char', 8000, false),
  varchar: sized('varchar', 8000, true),
  text: plain('text'),
  nchar: sized('nchar', 4000, false),
  nvarchar: sized('nvarchar', 4000, true),
  ntext: plain('ntext'),
  sysname: () => ({ name: 'nvarchar', length: 128 }),
  binary: sized('binary', 8000, false),
  varbinary: sized('varbinary', 8000, true),
  image: plain('image'),
  uniqueidentifier: plain('uniqueidentifier'),
};

const declarationPattern =
  /^(@[\p{L}\p{N}_@#$]+)\s+(?:as\s+)?(?:\[?sys\]?\s*\.\s*)?\[?(\w+)\]?\s*(?:\(([^)]*)\))?\s*(out(?:put)?)?$/iu;

function parseDeclaration(text: string): DeclaredParameter {
  const parts = declarationPattern.exec(text);
  if (parts === null) throw new SqlError(102, `Incorrect syntax near '${text.slice(0, 30)}'.`, { class: 15 });
  const [, name, typeName, argumentText, output] = parts;
  const makeType = typeMakers[typeName!.toLowerCase()];
  if (makeType === undefined) {
    throw new SqlError(2715, `Column, parameter, or variable ${name!}: Cannot find data type ${typeName!}.`);
  }
  const args = argumentText === undefined ? [] : argumentText.split(',').map((argument) => argument.trim());
  return { name: name!, type: makeType(args), output: output !== undefined };
}

/** Parses '@a int, @b nvarchar(50) output'. Throws SqlError for syntax and for types the sandbox lacks. */
export function parseParameterDeclarations(text: string): DeclaredParameter[] {
  if (text.trim() === '') return [];
  return text.split(/,(?![^(]*\))/).map((declaration) => parseDeclaration(declaration.trim()));
}
