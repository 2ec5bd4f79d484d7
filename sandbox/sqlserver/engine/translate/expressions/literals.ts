import type { BinaryLiteral, NumberLiteral, StringLiteral } from '../../../tsql/ast.js';
import { SqlError } from '../../api.js';
import type { Environment } from '../environment.js';
import { unsupported } from '../../../tsql/unsupported.js';
import { toCodePage } from '../types/codePage.js';
import { decimalType, floatType, intType, longestLength, moneyType, sized } from '../types/sqlTypes.js';
import { integerSql } from './arithmetic.js';
import { textLiteral, type BoundExpression } from './boundExpression.js';

/** A number as the lexer gives it: int when it fits, numeric(digits, 0) beyond. */
export function bindNumber(node: NumberLiteral): BoundExpression {
  switch (node.kind) {
    case 'integer':
      return integerLiteral(node.text);
    case 'decimal':
      return decimalLiteral(node.text);
    case 'float':
      return constant(`${node.text}::float8`, floatType, node.text);
    case 'money':
      return constant(`${node.text}::numeric(19,4)`, moneyType, node.text);
  }
}

function constant(sql: string, type: BoundExpression['type'], text: string): BoundExpression {
  return { sql, type, nullable: false, literal: { kind: 'number', text } };
}

function integerLiteral(text: string): BoundExpression {
  const value = BigInt(text);
  if (value <= 2147483647n) {
    return { sql: integerSql(value, intType), type: intType, nullable: false, literal: { kind: 'integer', value } };
  }
  return decimalLiteral(value.toString());
}

function decimalLiteral(text: string): BoundExpression {
  const [whole = '', fraction = ''] = text.split('.');
  const digits = whole.replace(/^0+/, '');
  const precision = Math.max(digits.length + fraction.length, 1);
  if (precision > 38) {
    throw new SqlError(
      1007,
      `The number '${text}' is out of the range for numeric representation (maximum precision 38).`,
      {
        class: 15,
      },
    );
  }
  const plain = `${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`;
  return constant(`${plain}::numeric`, decimalType(precision, fraction.length), plain);
}

export function bindString(environment: Environment, node: StringLiteral): BoundExpression {
  if (node.value.includes('\0')) throw unsupported('the character U+0000 in text', node.span);
  if (!isWellFormed(node.value)) throw unsupported('text with half of a surrogate pair', node.span);
  const value = node.national ? node.value : toCodePage(node.value);
  const name = node.national ? 'nvarchar' : 'varchar';
  const length = value.length > longestLength(name) ? 'max' : Math.max(value.length, 1);
  const collation = environment.builder.context.databaseCollation;
  return {
    sql: textLiteral(value),
    type: sized(name, length, collation),
    nullable: false,
    collation: { name: collation, rank: 'coercible' },
    literal: { kind: 'string', value },
  };
}

export function bindBinaryLiteral(node: BinaryLiteral): BoundExpression {
  const length = node.value.length > 8000 ? 'max' : Math.max(node.value.length, 1);
  return {
    sql: `'\\x${node.value.toString('hex')}'::bytea`,
    type: { name: 'varbinary', length },
    nullable: false,
    literal: { kind: 'binary' },
  };
}

/** True when every surrogate has its other half. */
function isWellFormed(text: string): boolean {
  return !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text);
}
