import type { FunctionCall } from '../../../tsql/ast.js';
import { unsupported } from '../../../tsql/unsupported.js';
import { SqlError } from '../../api.js';
import type { Environment } from '../environment.js';
import { unknownFunction, type Position } from '../errors.js';
import type { BoundExpression } from '../expressions/boundExpression.js';
import { nameParts } from '../scope.js';
import { bindAggregate, isAggregateName } from './aggregates.js';
import { Call, type FunctionBinder } from './call.js';
import { dateFunctions } from './dateFunctions.js';
import { mathFunctions } from './mathFunctions.js';
import { nullFunctions } from './nullFunctions.js';
import { stringFunctions } from './stringFunctions.js';
import { systemFunctions } from './systemFunctions.js';
import { bindWindow, isWindowName } from './windowFunctions.js';

const functions = new Map<string, FunctionBinder>(
  [stringFunctions, nullFunctions, mathFunctions, dateFunctions, systemFunctions].flatMap((set) => Object.entries(set)),
);

/** Functions of SQL Server that the sandbox refuses by name; any other unknown name is error 195. */
const refused = new Set([
  'ACOS',
  'ASIN',
  'ATAN',
  'ATN2',
  'BINARY_CHECKSUM',
  'CHECKSUM',
  'COL_METADATA',
  'COMPRESS',
  'COS',
  'COT',
  'DATETIME2FROMPARTS',
  'DATETIMEOFFSETFROMPARTS',
  'DECOMPRESS',
  'DEGREES',
  'DIFFERENCE',
  'FILE_ID',
  'FILE_NAME',
  'FORMAT',
  'FORMATMESSAGE',
  'GETANSINULL',
  'HOST_ID',
  'ISJSON',
  'JSON_MODIFY',
  'JSON_QUERY',
  'JSON_VALUE',
  'MIN_ACTIVE_ROWVERSION',
  'OBJECT_DEFINITION',
  'PARSE',
  'PERCENTILE_CONT',
  'PERCENTILE_DISC',
  'PERMISSIONS',
  'PI',
  'RADIANS',
  'SIN',
  'SMALLDATETIMEFROMPARTS',
  'SOUNDEX',
  'STATS_DATE',
  'SWITCHOFFSET',
  'SYSDATETIMEOFFSET',
  'TAN',
  'TEXTPTR',
  'TEXTVALID',
  'TIMEFROMPARTS',
  'TODATETIMEOFFSET',
  'TRY_PARSE',
]);

/** Functions that SQL Server 2016, the oldest that is supported, does not have. */
const newer = new Set(['CONCAT_WS', 'GREATEST', 'LEAST', 'STRING_AGG', 'TRANSLATE', 'TRIM']);

export function bindFunction(environment: Environment, node: FunctionCall): BoundExpression {
  const { object, schema } = node.name;
  if (schema !== '') {
    throw new SqlError(
      4121,
      `Cannot find either column "${schema}" or the user-defined function or aggregate "${nameParts(node.name).join('.')}", or the name is ambiguous.`,
      { line: node.span.line },
    );
  }
  const name = object.toUpperCase();
  if (newer.has(name)) throw unsupported(`the function ${name}, which SQL Server 2016 does not have`, node.span);
  if (refused.has(name)) throw unsupported(`the function ${name}`, node.span);
  if (node.withinGroup.length > 0) throw withoutOrder(name, node.span);
  if (node.over !== undefined || isWindowName(name)) return bindWindow(environment, node);
  if (isAggregateName(name)) return bindAggregate(environment, node);
  const binder = functions.get(name);
  if (binder !== undefined) return binder(new Call(environment, node));
  throw unknownFunction(object, node.span);
}

/** Error 10757: none of the functions here takes its rows in an order. */
function withoutOrder(name: string, position: Position): SqlError {
  return new SqlError(10757, `The function '${name.toLowerCase()}' may not have a WITHIN GROUP clause.`, {
    class: 15,
    line: position.line,
  });
}
