import { SqlError, type SqlType } from '../api.js';
import { typeNameForMessage } from './types/sqlTypes.js';

/** Errors of the binder, with the numbers and texts of sys.messages. */

/** What a position in the batch gives to an error. */
export interface Position {
  readonly line: number;
}

function at(position: Position | undefined): { line?: number } {
  return position === undefined ? {} : { line: position.line };
}

function error(number: number, message: string, position?: Position, state = 1): SqlError {
  return new SqlError(number, message, { class: 16, state, ...at(position) });
}

export function invalidColumn(name: string, position?: Position): SqlError {
  return error(207, `Invalid column name '${name}'.`, position);
}

export function invalidObject(name: string, position?: Position): SqlError {
  return error(208, `Invalid object name '${name}'.`, position);
}

export function ambiguousColumn(name: string, position?: Position): SqlError {
  return error(209, `Ambiguous column name '${name}'.`, position);
}

export function unboundIdentifier(name: string, position?: Position): SqlError {
  return error(4104, `The multi-part identifier "${name}" could not be bound.`, position);
}

export function prefixWithoutTable(prefix: string, position?: Position): SqlError {
  return error(
    107,
    `The column prefix '${prefix}' does not match with a table name or alias name used in the query.`,
    position,
  );
}

export function undeclaredVariable(name: string, position?: Position): SqlError {
  return new SqlError(137, `Must declare the scalar variable "${name}".`, { class: 15, state: 2, ...at(position) });
}

export function undeclaredTableVariable(name: string, position?: Position): SqlError {
  return new SqlError(1087, `Must declare the table variable "${name}".`, { class: 15, state: 2, ...at(position) });
}

export function unknownFunction(name: string, position?: Position): SqlError {
  return new SqlError(195, `'${name}' is not a recognized built-in function name.`, {
    class: 15,
    state: 10,
    ...at(position),
  });
}

export function argumentCount(name: string, expected: string, position?: Position): SqlError {
  return new SqlError(174, `The ${name.toLowerCase()} function requires ${expected} argument(s).`, {
    class: 15,
    ...at(position),
  });
}

export function operandTypeClash(from: SqlType, to: SqlType): SqlError {
  return error(
    206,
    `Operand type clash: ${typeNameForMessage(from)} is incompatible with ${typeNameForMessage(to)}`,
    undefined,
    2,
  );
}

export function implicitConversionNotAllowed(from: SqlType, to: SqlType): SqlError {
  return error(
    257,
    `Implicit conversion from data type ${typeNameForMessage(from)} to ${typeNameForMessage(to)} is not allowed. Use the CONVERT function to run this query.`,
    undefined,
    3,
  );
}

export function explicitConversionNotAllowed(from: SqlType, to: SqlType): SqlError {
  return error(
    529,
    `Explicit conversion from data type ${typeNameForMessage(from)} to ${typeNameForMessage(to)} is not allowed.`,
    undefined,
    2,
  );
}

export function incompatibleTypes(a: SqlType, b: SqlType, operator: string, position?: Position): SqlError {
  return error(402, `The data types ${a.name} and ${b.name} are incompatible in the ${operator} operator.`, position);
}

export function invalidOperand(type: SqlType, operator: string, position?: Position): SqlError {
  return error(8117, `Operand data type ${type.name} is invalid for ${operator} operator.`, position);
}

export function invalidArgumentType(
  type: SqlType,
  argument: number,
  functionName: string,
  position?: Position,
): SqlError {
  return error(
    8116,
    `Argument data type ${type.name} is invalid for argument ${argument} of ${functionName.toLowerCase()} function.`,
    position,
  );
}

export function collationConflict(a: string, b: string, operation: string): SqlError {
  return error(
    468,
    `Cannot resolve the collation conflict between "${a}" and "${b}" in the ${operation} operation.`,
    undefined,
    9,
  );
}

export function notGrouped(column: string, place: 'select' | 'having' | 'order by', position?: Position): SqlError {
  const reasons = {
    select: [
      8120,
      `Column '${column}' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.`,
    ],
    having: [
      8121,
      `Column '${column}' is invalid in the HAVING clause because it is not contained in either an aggregate function or the GROUP BY clause.`,
    ],
    'order by': [
      8127,
      `Column "${column}" is invalid in the ORDER BY clause because it is not contained in either an aggregate function or the GROUP BY clause.`,
    ],
  } as const;
  const [number, message] = reasons[place];
  return error(number, message, position);
}

export function subqueryInAggregate(position?: Position): SqlError {
  return error(
    130,
    'Cannot perform an aggregate function on an expression containing an aggregate or a subquery.',
    position,
  );
}

export function aggregateInWhere(position?: Position): SqlError {
  return new SqlError(
    147,
    'An aggregate may not appear in the WHERE clause unless it is in a subquery contained in a HAVING clause or a select list, and the column being aggregated is an outer reference.',
    { class: 15, ...at(position) },
  );
}

export function windowOutsideSelect(position?: Position): SqlError {
  return new SqlError(4108, 'Windowed functions can only appear in the SELECT or ORDER BY clauses.', {
    class: 15,
    ...at(position),
  });
}

export function orderByInSubquery(position?: Position): SqlError {
  return new SqlError(
    1033,
    'The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, and common table expressions, unless TOP, OFFSET or FOR XML is also specified.',
    { class: 15, ...at(position) },
  );
}

export function tooManySubqueryColumns(position?: Position): SqlError {
  return error(
    116,
    'Only one expression can be specified in the select list when the subquery is not introduced with EXISTS.',
    position,
  );
}

export function setOperationCount(position?: Position): SqlError {
  return error(
    205,
    'All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.',
    position,
  );
}

export function unnamedColumn(ordinal: number, source: string, position?: Position): SqlError {
  return error(8155, `No column name was specified for column ${ordinal} of '${source}'.`, position, 2);
}

export function duplicateColumn(column: string, source: string, position?: Position): SqlError {
  return error(8156, `The column '${column}' was specified multiple times for '${source}'.`, position);
}

export function columnListLength(source: string, more: 'fewer' | 'more', position?: Position): SqlError {
  return more === 'fewer'
    ? error(8158, `'${source}' has more columns than were specified in the column list.`, position)
    : error(8159, `'${source}' has fewer columns than were specified in the column list.`, position);
}
