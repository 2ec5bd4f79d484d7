import type { SqlType } from '../../api.js';
import { invalidArgumentType } from '../errors.js';
import { derived, isNullLiteral, textLiteral, type BoundExpression } from '../expressions/boundExpression.js';
import { cut } from '../expressions/characterConversions.js';
import { labelOf } from '../expressions/comparisons.js';
import { concatenateText } from '../expressions/concatenation.js';
import { convert } from '../expressions/conversions.js';
import { combineCollations, resolveCollation } from '../types/collations.js';
import {
  bigintType,
  familyOf,
  intType,
  isCharacter,
  isFixedLength,
  isNational,
  lengthOf,
  longestLength,
  numericLength,
  sized,
} from '../types/sqlTypes.js';
import type { Call, FunctionBinder } from './call.js';

function lengthType(call: Call, index = 0): SqlType {
  return call.isMax(index) ? bigintType : intType;
}

function asLength(call: Call, sql: string, index = 0): string {
  return call.isMax(index) ? `${sql}::int8` : sql;
}

function bindLen(call: Call): BoundExpression {
  call.requireCount(1);
  const argument = call.argument(0);
  if (familyOf(argument.type) === 'binary') return derived(`octet_length(${argument.sql})`, intType, argument.nullable);
  const text = call.text(0);
  return derived(asLength(call, `tsql.len(${text.sql})`), lengthType(call), text.nullable);
}

const storedBytes: Partial<Record<string, number>> = {
  bit: 1,
  tinyint: 1,
  smallint: 2,
  int: 4,
  bigint: 8,
  money: 8,
  smallmoney: 4,
  real: 4,
  float: 8,
  date: 3,
  datetime: 8,
  smalldatetime: 4,
  uniqueidentifier: 16,
};

function decimalBytes(precision: number): number {
  if (precision <= 9) return 5;
  if (precision <= 19) return 9;
  return precision <= 28 ? 13 : 17;
}

function timeBytes(scale: number): number {
  if (scale <= 2) return 3;
  return scale <= 4 ? 4 : 5;
}

function fixedBytes(type: SqlType): number {
  if (familyOf(type) === 'decimal') return decimalBytes(type.precision ?? 18);
  if (type.name === 'time') return timeBytes(type.scale ?? 7);
  if (type.name === 'datetime2') return timeBytes(type.scale ?? 7) + 3;
  if (type.name === 'datetimeoffset') return timeBytes(type.scale ?? 7) + 5;
  return storedBytes[type.name] ?? 8;
}

function bindDataLength(call: Call): BoundExpression {
  call.requireCount(1);
  const value = call.argument(0);
  const { type, sql, nullable } = value;
  if (isNullLiteral(value)) return { ...value, type: intType };
  if (familyOf(type) === 'binary') {
    return derived(
      lengthOf(type) === 'max' ? `octet_length(${sql})::int8` : `octet_length(${sql})`,
      lengthOf(type) === 'max' ? bigintType : intType,
      nullable,
    );
  }
  if (isCharacter(type)) {
    const units = isNational(type) ? `(tsql.units(${sql}) * 2)` : `length(${sql})`;
    return derived(asLength(call, units), lengthType(call), nullable);
  }
  return derived(`(CASE WHEN ${sql} IS NOT NULL THEN ${fixedBytes(type)} END)`, intType, nullable);
}

function bindSubstring(call: Call): BoundExpression {
  call.requireCount(2, 3);
  const value = call.argument(0);
  const start = call.integer(1);
  const length = call.count === 3 ? call.integer(2) : { sql: '2147483646', nullable: false };
  const constant = call.count === 3 ? call.constantInteger(2) : undefined;
  if (familyOf(value.type) === 'binary') {
    const type: SqlType = { name: 'varbinary', length: shorter(lengthOf(value.type), constant) };
    return derived(`tsql.substring_binary(${value.sql}, ${start.sql}, ${length.sql})`, type, true);
  }
  const isText = isCharacter(value.type) || isNullLiteral(value);
  if (!isText) throw invalidArgumentType(value.type, 1, call.name, call.node.span);
  const text = value.type.name === 'text' || value.type.name === 'ntext' ? value : call.text(0);
  const type = call.variableText(text, shorter(lengthOf(text.type), constant));
  const nullable = text.nullable || start.nullable || length.nullable;
  return call.textResult(`tsql.substring_text(${text.sql}, ${start.sql}, ${length.sql})`, type, text, nullable);
}

function shorter(length: number | 'max', constant: number | undefined): number | 'max' {
  if (constant === undefined || constant < 0) return length;
  return length === 'max' ? (constant > 4000 ? 'max' : Math.max(constant, 1)) : Math.max(Math.min(length, constant), 1);
}

function bindLeftRight(call: Call): BoundExpression {
  call.requireCount(2);
  const text = call.text(0);
  const count = call.integer(1);
  const type = call.variableText(text, shorter(lengthOf(text.type), call.constantInteger(1)));
  const name = call.name === 'LEFT' ? 'left_text' : 'right_text';
  return call.textResult(`tsql.${name}(${text.sql}, ${count.sql})`, type, text, text.nullable || count.nullable);
}

function bindTrim(call: Call): BoundExpression {
  call.requireCount(1);
  const text = call.text(0);
  const name = call.name === 'LTRIM' ? 'ltrim' : 'rtrim';
  return call.textResult(
    `${name}(${text.sql}, ' ')`,
    call.variableText(text, lengthOf(text.type)),
    text,
    text.nullable,
  );
}

function bindCaseChange(call: Call): BoundExpression {
  call.requireCount(1);
  const text = call.text(0);
  const type = isFixedLength(text.type) ? text.type : call.variableText(text, lengthOf(text.type));
  return call.textResult(`tsql.${call.name.toLowerCase()}(${text.sql})`, type, text, text.nullable);
}

/** Flags of the collation two texts are searched by, as support functions take them. */
function searchFlags(call: Call, a: BoundExpression, b: BoundExpression): string {
  const operation = call.name.toLowerCase();
  const collation = resolveCollation(combineCollations(labelOf(a), labelOf(b), operation), operation);
  return `${collation.caseSensitive}, ${collation.accentSensitive}`;
}

function bindReplace(call: Call): BoundExpression {
  call.requireCount(3);
  const [value, searched, replacement] = [call.text(0), call.text(1), call.text(2)];
  const national = [value, searched, replacement].some((part) => isNational(part.type));
  const name = national ? 'nvarchar' : 'varchar';
  const isMax = call.isMax(0);
  const limit = longestLength(name);
  const replaced = `tsql.replace(${value.sql}, ${searched.sql}, ${replacement.sql}, ${searchFlags(call, value, searched)})`;
  const sql = isMax ? replaced : cut(replaced, limit, national);
  return call.textResult(sql, sized(name, isMax ? 'max' : limit), value, call.anyNullable());
}

function bindStuff(call: Call): BoundExpression {
  call.requireCount(4);
  const [value, inserted] = [call.text(0), call.text(3)];
  const national = isNational(value.type) || isNational(inserted.type);
  const name = national ? 'nvarchar' : 'varchar';
  const isMax = call.isMax(0) || call.isMax(3);
  const length = isMax
    ? 'max'
    : Math.min(numericLength(value.type) + numericLength(inserted.type), longestLength(name));
  const sql = `tsql.stuff(${value.sql}, ${call.integer(1).sql}, ${call.integer(2).sql}, ${inserted.sql})`;
  return call.textResult(sql, sized(name, length), value, true);
}

function bindReplicate(call: Call): BoundExpression {
  call.requireCount(2);
  const text = call.text(0);
  const isMax = call.isMax(0);
  const limit = longestLength(isNational(text.type) ? 'nvarchar' : 'varchar');
  const constant = call.constantInteger(1);
  const wanted = constant === undefined ? limit : Math.min(limit, Math.max(1, numericLength(text.type) * constant));
  const repeated = `tsql.replicate(${text.sql}, ${call.integer(1).sql})`;
  const sql = isMax ? repeated : cut(repeated, limit, isNational(text.type));
  return call.textResult(sql, call.variableText(text, isMax ? 'max' : wanted), text, true);
}

function bindCharIndex(call: Call): BoundExpression {
  call.requireCount(2, 3);
  const [searched, value] = [call.text(0), call.text(1)];
  const start = call.count === 3 ? call.integer(2).sql : '1';
  const sql = `tsql.charindex(${searched.sql}, ${value.sql}, ${start}, ${searchFlags(call, searched, value)})`;
  return derived(asLength(call, sql, 1), lengthType(call, 1), call.anyNullable());
}

function bindPatIndex(call: Call): BoundExpression {
  call.requireCount(2);
  const [pattern, value] = [call.text(0), call.text(1)];
  const sql = `tsql.patindex(${pattern.sql}, ${value.sql}, ${searchFlags(call, pattern, value)})`;
  return derived(asLength(call, sql, 1), lengthType(call, 1), call.anyNullable());
}

function concatPart(call: Call, index: number): BoundExpression {
  const value = call.argument(index);
  if (isNullLiteral(value) || isCharacter(value.type)) return call.text(index);
  return convert(call.builder, value, { name: 'varchar', length: naturalLength(value.type) }, { kind: 'explicit' });
}

/** Length that CONCAT gives to a value that is no text. */
function naturalLength(type: SqlType): number {
  switch (familyOf(type)) {
    case 'integer':
      return type.name === 'bigint' ? 20 : 12;
    case 'decimal':
      return 41;
    case 'guid':
      return 36;
    case 'binary':
      return 8000;
    default:
      return 40;
  }
}

function bindConcat(call: Call): BoundExpression {
  call.requireCount(2, 254);
  return concatenateText(
    call.builder,
    call.node.arguments.map((_, index) => concatPart(call, index)),
    'CONCAT',
  );
}

function bindQuoteName(call: Call): BoundExpression {
  call.requireCount(1, 2);
  const value = call.text(0);
  const quote = call.count === 2 ? call.text(1).sql : textLiteral(']');
  return call.textResult(`tsql.quotename(${value.sql}, ${quote})`, sized('nvarchar', 258), value, true);
}

function bindCharacter(call: Call): BoundExpression {
  call.requireCount(1);
  const name = call.name === 'CHAR' ? 'char' : 'nchar';
  const code = call.integer(0);
  const label = call.coercible();
  return derived(`tsql.${name}(${code.sql})`, sized(name, 1, label.name), true, label);
}

function bindCode(call: Call): BoundExpression {
  call.requireCount(1);
  return derived(`tsql.${call.name === 'ASCII' ? 'ascii' : 'unicode_unit'}(${call.text(0).sql})`, intType, true);
}

function bindStr(call: Call): BoundExpression {
  call.requireCount(1, 3);
  const value = convert(call.builder, call.argument(0), { name: 'float' });
  const length = call.count > 1 ? call.integer(1).sql : '10';
  const decimals = call.count > 2 ? call.integer(2).sql : '0';
  const width = call.count > 1 ? (call.constantInteger(1) ?? 8000) : 10;
  const label = call.coercible();
  return derived(
    `tsql.str(${value.sql}, ${length}, ${decimals})`,
    sized('varchar', Math.max(width, 1), label.name),
    true,
    label,
  );
}

function bindReverse(call: Call): BoundExpression {
  call.requireCount(1);
  const text = call.text(0);
  return call.textResult(`reverse(${text.sql})`, call.variableText(text, lengthOf(text.type)), text, text.nullable);
}

function bindSpace(call: Call): BoundExpression {
  call.requireCount(1);
  const label = call.coercible();
  const constant = call.constantInteger(0);
  const length = constant === undefined ? 8000 : Math.min(Math.max(constant, 1), 8000);
  const sql = `left(tsql.replicate(' ', ${call.integer(0).sql}), 8000)`;
  return derived(sql, sized('varchar', length, label.name), true, label);
}

function bindHashBytes(call: Call): BoundExpression {
  call.requireCount(2);
  const algorithm = call.text(0);
  const value = call.argument(1);
  const isBinary = familyOf(value.type) === 'binary';
  if (!isBinary && !isCharacter(value.type)) throw invalidArgumentType(value.type, 2, call.name, call.node.span);
  const bytes = isBinary
    ? value
    : convert(call.builder, value, { name: 'varbinary', length: 'max' }, { kind: 'explicit' });
  return derived(`tsql.hashbytes(${algorithm.sql}, ${bytes.sql})`, { name: 'varbinary', length: 8000 }, true);
}

function bindIsNumeric(call: Call): BoundExpression {
  call.requireCount(1);
  const value = call.argument(0);
  if (isNullLiteral(value)) return derived('0', intType, false);
  if (isCharacter(value.type)) return derived(`tsql.is_numeric(${value.sql})`, intType, false);
  const family = familyOf(value.type);
  const isNumber = family === 'integer' || family === 'decimal' || family === 'money' || family === 'float';
  return derived(`(${value.sql} IS NOT NULL AND ${isNumber})::int4`, intType, false);
}

export const stringFunctions: Readonly<Record<string, FunctionBinder>> = {
  LEN: bindLen,
  DATALENGTH: bindDataLength,
  SUBSTRING: bindSubstring,
  LEFT: bindLeftRight,
  RIGHT: bindLeftRight,
  LTRIM: bindTrim,
  RTRIM: bindTrim,
  UPPER: bindCaseChange,
  LOWER: bindCaseChange,
  REPLACE: bindReplace,
  STUFF: bindStuff,
  REPLICATE: bindReplicate,
  CHARINDEX: bindCharIndex,
  PATINDEX: bindPatIndex,
  CONCAT: bindConcat,
  QUOTENAME: bindQuoteName,
  CHAR: bindCharacter,
  NCHAR: bindCharacter,
  ASCII: bindCode,
  UNICODE: bindCode,
  STR: bindStr,
  REVERSE: bindReverse,
  SPACE: bindSpace,
  HASHBYTES: bindHashBytes,
  ISNUMERIC: bindIsNumeric,
};
