import { SqlError, type SqlType } from '../../api.js';
import { derived, type BoundExpression } from '../expressions/boundExpression.js';
import { convert } from '../expressions/conversions.js';
import type { EngineValue } from '../result.js';
import { sessionArguments, sessionFunctions, type SessionFunction } from '../sessionFunctions.js';
import { bigintType, decimalType, intType, isCharacter, postgresType, sysnameType } from '../types/sqlTypes.js';
import type { Call, FunctionBinder } from './call.js';
import { engineValue } from './globalVariables.js';

function value(name: EngineValue, type: SqlType): FunctionBinder {
  return (call) => {
    call.requireCount(0);
    return engineValue(call.environment, name, type);
  };
}

/** With no argument the session's own value, which needs no look into the catalog. */
function ownOr(name: EngineValue, type: SqlType): FunctionBinder {
  return (call) => (call.count === 0 ? engineValue(call.environment, name, type) : bindSessionFunction(call));
}

function bindNewId(call: Call): BoundExpression {
  call.requireCount(0);
  call.builder.volatile = true;
  return derived('gen_random_uuid()', { name: 'uniqueidentifier' }, false);
}

/** Ascending under SQL Server's order of uniqueidentifier; only in DEFAULT definitions (302). */
function bindNewSequentialId(call: Call): BoundExpression {
  call.requireCount(0);
  if (call.environment.defaults !== true) {
    throw new SqlError(
      302,
      "The newsequentialid() built-in function can only be used in a DEFAULT expression for a column of type 'uniqueidentifier' in a CREATE TABLE or ALTER TABLE statement. It cannot be combined with other operators to form a complex scalar expression.",
      { line: call.node.span.line },
    );
  }
  call.builder.volatile = true;
  return derived('tsql.newsequentialid()', { name: 'uniqueidentifier' }, false);
}

function bindRowCountBig(call: Call): BoundExpression {
  call.requireCount(0);
  return engineValue(call.environment, '@@ROWCOUNT', bigintType);
}

/** Properties that are numbers; SQL Server gives all as sql_variant. */
const integerProperties = new Set([
  'ISAUTOCLOSE',
  'ISAUTOCREATESTATISTICS',
  'ISAUTOSHRINK',
  'ISAUTOUPDATESTATISTICS',
  'ISFULLTEXTENABLED',
  'ISINSTANDBY',
  'ISNULLCONCAT',
  'ISPUBLISHED',
  'ISREADCOMMITTEDSNAPSHOTON',
  'ISRECURSIVETRIGGERSENABLED',
  'LCID',
  'SQLSORTORDER',
  'VERSION',
  'ENGINEEDITION',
  'ISCLUSTERED',
  'ISHADRENABLED',
  'ISINTEGRATEDSECURITYONLY',
  'ISLOCALDB',
  'ISSINGLEUSER',
  'ISXTPSUPPORTED',
  'PROCESSID',
]);

function bindProperty(call: Call): BoundExpression {
  const text = bindSessionFunction(call);
  const property = call.constantText(call.name === 'SERVERPROPERTY' ? 0 : 1);
  return property !== undefined && integerProperties.has(property.toUpperCase())
    ? convert(call.builder, text, intType)
    : text;
}

const byName = new Map(sessionFunctions.map((definition) => [definition.name, definition]));

/** A function that the runtime answers: see sessionFunctions.ts. */
export function bindSessionFunction(call: Call): BoundExpression {
  const definition = byName.get(call.name);
  if (definition === undefined) throw new Error(`No session function ${call.name}`);
  call.requireCount(definition.required, definition.parameters.length);
  return sessionCall(call, definition);
}

function sessionCall(call: Call, definition: SessionFunction): BoundExpression {
  const own = definition.parameters.map((type, index) =>
    index < call.count
      ? convert(call.builder, call.argument(index), type, { kind: 'explicit' }).sql
      : `NULL::${postgresType(type)}`,
  );
  const locks = definition.name.startsWith('APPLOCK_') ? [call.builder.engineValue('APPLICATION_LOCKS', lockList)] : [];
  const session = sessionArguments.map((argument) => call.builder.engineValue(argument.value, argument.type));
  const sql = `tsql.${definition.name.toLowerCase()}(${[...own, ...locks, ...session].join(', ')})`;
  if (!isCharacter(definition.returns)) return derived(sql, definition.returns, true);
  const label = call.coercible();
  return derived(sql, { ...definition.returns, collation: label.name }, true, label);
}

const lockList: SqlType = { name: 'nvarchar', length: 'max' };
const sessionBinders = Object.fromEntries(sessionFunctions.map(({ name }) => [name, bindSessionFunction]));
const errorText: SqlType = { name: 'nvarchar', length: 4000 };

export const systemFunctions: Readonly<Record<string, FunctionBinder>> = {
  ...sessionBinders,
  DATABASEPROPERTYEX: bindProperty,
  SERVERPROPERTY: bindProperty,
  DB_NAME: ownOr('DB_NAME', sysnameType),
  DB_ID: ownOr('DB_ID', { name: 'smallint' }),
  SCHEMA_NAME: ownOr('DEFAULT_SCHEMA', sysnameType),
  USER_NAME: ownOr('USER_NAME', sysnameType),
  USER_ID: ownOr('USER_ID', intType),
  SUSER_SNAME: ownOr('SUSER_NAME', sysnameType),
  SUSER_NAME: ownOr('SUSER_NAME', sysnameType),
  SUSER_ID: ownOr('SUSER_ID', intType),
  CURRENT_USER: value('USER_NAME', sysnameType),
  SESSION_USER: value('USER_NAME', sysnameType),
  USER: value('USER_NAME', sysnameType),
  SYSTEM_USER: value('SUSER_NAME', sysnameType),
  ORIGINAL_LOGIN: value('ORIGINAL_LOGIN', sysnameType),
  HOST_NAME: value('HOST_NAME', sysnameType),
  APP_NAME: value('APP_NAME', sysnameType),
  CONTEXT_INFO: value('CONTEXT_INFO', { name: 'varbinary', length: 128 }),
  SCOPE_IDENTITY: value('SCOPE_IDENTITY', decimalType(38, 0)),
  XACT_STATE: value('XACT_STATE', { name: 'smallint' }),
  CURRENT_TRANSACTION_ID: value('CURRENT_TRANSACTION_ID', bigintType),
  ROWCOUNT_BIG: bindRowCountBig,
  ERROR_NUMBER: value('ERROR_NUMBER', intType),
  ERROR_MESSAGE: value('ERROR_MESSAGE', errorText),
  ERROR_SEVERITY: value('ERROR_SEVERITY', intType),
  ERROR_STATE: value('ERROR_STATE', intType),
  ERROR_LINE: value('ERROR_LINE', intType),
  ERROR_PROCEDURE: value('ERROR_PROCEDURE', sysnameType),
  TRIGGER_NESTLEVEL: value('TRIGGER_NESTLEVEL', intType),
  NEWID: bindNewId,
  NEWSEQUENTIALID: bindNewSequentialId,
};
