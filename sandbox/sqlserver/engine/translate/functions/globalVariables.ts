import type { GlobalVariable } from '../../../tsql/ast.js';
import { unsupported } from '../../../tsql/unsupported.js';
import { SqlError, type SqlType } from '../../api.js';
import type { Environment } from '../environment.js';
import { derived, type BoundExpression } from '../expressions/boundExpression.js';
import type { EngineValue } from '../result.js';
import { decimalType, intType, isCharacter, sysnameType } from '../types/sqlTypes.js';

const globals: Readonly<Record<string, SqlType>> = {
  '@@ROWCOUNT': intType,
  '@@ERROR': intType,
  '@@TRANCOUNT': intType,
  '@@SPID': { name: 'smallint' },
  '@@IDENTITY': decimalType(38, 0),
  '@@SERVERNAME': sysnameType,
  '@@SERVICENAME': sysnameType,
  '@@VERSION': { name: 'nvarchar', length: 300 },
  '@@OPTIONS': intType,
  '@@LOCK_TIMEOUT': intType,
  '@@NESTLEVEL': intType,
  '@@TEXTSIZE': intType,
  '@@LANGUAGE': sysnameType,
  '@@DATEFIRST': { name: 'tinyint' },
  '@@MAX_PRECISION': { name: 'tinyint' },
  '@@FETCH_STATUS': intType,
  '@@PROCID': intType,
};

const knownElsewhere = new Set([
  '@@CONNECTIONS',
  '@@CPU_BUSY',
  '@@CURSOR_ROWS',
  '@@DBTS',
  '@@IDLE',
  '@@IO_BUSY',
  '@@LANGID',
  '@@MAX_CONNECTIONS',
  '@@PACK_RECEIVED',
  '@@PACK_SENT',
  '@@PACKET_ERRORS',
  '@@REMSERVER',
  '@@TIMETICKS',
  '@@TOTAL_ERRORS',
  '@@TOTAL_READ',
  '@@TOTAL_WRITE',
]);

export function bindGlobalVariable(environment: Environment, node: GlobalVariable): BoundExpression {
  const type = globals[node.name];
  if (type === undefined) {
    if (knownElsewhere.has(node.name)) throw unsupported(node.name, node.span);
    throw new SqlError(137, `Must declare the scalar variable "${node.name}".`, {
      class: 15,
      state: 2,
      line: node.span.line,
    });
  }
  return engineValue(environment, node.name as EngineValue, type);
}

/** A value that the runtime supplies, as an expression. */
export function engineValue(environment: Environment, value: EngineValue, type: SqlType): BoundExpression {
  const { builder } = environment;
  const sql = builder.engineValue(value, type);
  if (!isCharacter(type)) return derived(sql, type, true);
  const collation = builder.context.databaseCollation;
  return derived(sql, { ...type, collation }, true, { name: collation, rank: 'coercible' });
}
