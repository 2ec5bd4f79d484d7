import type { SqlType } from '../api.js';
import type { EngineValue } from './result.js';

/**
 * System functions that read the catalog or the session. The translator emits
 *   tsql.<name>(arguments…, current_database, default_schema, user_name, login_name, session_id)
 * with the arguments converted to the PostgreSQL types of `parameters`, NULL for those left out, and the five session
 * arguments of sessionArguments at the end. The runtime creates these PostgreSQL functions (STABLE, schema tsql).
 */
export interface SessionFunction {
  /** T-SQL name, upper case; the PostgreSQL function has it in lower case. */
  readonly name: string;
  /** Types of the arguments; the first `required` must be given. */
  readonly parameters: readonly SqlType[];
  readonly required: number;
  readonly returns: SqlType;
}

/** The arguments that follow those of the T-SQL call: text, text, text, text, int4. */
export const sessionArguments: readonly { readonly value: EngineValue; readonly type: SqlType }[] = [
  { value: 'DB_NAME', type: { name: 'nvarchar', length: 128 } },
  { value: 'DEFAULT_SCHEMA', type: { name: 'nvarchar', length: 128 } },
  { value: 'USER_NAME', type: { name: 'nvarchar', length: 128 } },
  { value: 'SUSER_NAME', type: { name: 'nvarchar', length: 128 } },
  { value: '@@SPID', type: { name: 'int' } },
];

const sysname: SqlType = { name: 'nvarchar', length: 128 };
const longName: SqlType = { name: 'nvarchar', length: 4000 };
const int: SqlType = { name: 'int' };

function define(name: string, parameters: readonly SqlType[], required: number, returns: SqlType): SessionFunction {
  return { name, parameters, required, returns };
}

/**
 * Where T-SQL returns sql_variant, the type here is that of the value: DATABASEPROPERTYEX and SERVERPROPERTY give text,
 * which the translator converts to int for the properties that are numbers; SESSION_CONTEXT gives text.
 */
export const sessionFunctions: readonly SessionFunction[] = [
  define('OBJECT_ID', [longName, { name: 'varchar', length: 2 }], 1, int),
  define('OBJECT_NAME', [int, int], 1, sysname),
  define('OBJECT_SCHEMA_NAME', [int, int], 1, sysname),
  define('OBJECTPROPERTY', [int, sysname], 2, int),
  define('OBJECTPROPERTYEX', [int, sysname], 2, int),
  define('COLUMNPROPERTY', [int, sysname, sysname], 3, int),
  define('INDEXPROPERTY', [int, sysname, sysname], 3, int),
  define('COL_NAME', [int, int], 2, sysname),
  define('COL_LENGTH', [longName, sysname], 2, { name: 'smallint' }),
  define('TYPE_NAME', [int], 1, sysname),
  define('TYPE_ID', [sysname], 1, int),
  define('DB_ID', [sysname], 0, int),
  define('DB_NAME', [int], 0, sysname),
  define('SCHEMA_ID', [sysname], 0, int),
  define('SCHEMA_NAME', [int], 0, sysname),
  define('USER_NAME', [int], 0, sysname),
  define('USER_ID', [sysname], 0, int),
  define('DATABASE_PRINCIPAL_ID', [sysname], 0, int),
  define('SUSER_SNAME', [{ name: 'varbinary', length: 85 }], 0, sysname),
  define('SUSER_NAME', [int], 0, sysname),
  define('SUSER_ID', [sysname], 0, int),
  define('SUSER_SID', [sysname], 0, { name: 'varbinary', length: 85 }),
  define('HAS_PERMS_BY_NAME', [longName, sysname, sysname, sysname, sysname], 3, int),
  define('IS_MEMBER', [sysname], 1, int),
  define('IS_ROLEMEMBER', [sysname, sysname], 1, int),
  define('IS_SRVROLEMEMBER', [sysname, sysname], 1, int),
  define('HAS_DBACCESS', [sysname], 1, int),
  define('IDENT_CURRENT', [longName], 1, { name: 'numeric', precision: 38, scale: 0 }),
  define('IDENT_SEED', [longName], 1, { name: 'numeric', precision: 38, scale: 0 }),
  define('IDENT_INCR', [longName], 1, { name: 'numeric', precision: 38, scale: 0 }),
  define('DATABASEPROPERTYEX', [sysname, sysname], 2, sysname),
  define('SERVERPROPERTY', [sysname], 1, sysname),
  define('SESSION_CONTEXT', [sysname], 1, longName),
  define('APPLOCK_TEST', [sysname, longName, sysname, sysname], 4, { name: 'smallint' }),
  define('APPLOCK_MODE', [sysname, longName, sysname], 3, sysname),
];

/** Table functions of the same kind: tsql.<name>(arguments…, session arguments) returning a set with these columns. */
export interface SessionTableFunction {
  readonly schema: string;
  readonly name: string;
  readonly parameters: readonly SqlType[];
  readonly columns: readonly { readonly name: string; readonly type: SqlType; readonly nullable: boolean }[];
}

export const sessionTableFunctions: readonly SessionTableFunction[] = [
  {
    schema: 'sys',
    name: 'fn_my_permissions',
    parameters: [longName, sysname],
    columns: [
      { name: 'entity_name', type: sysname, nullable: true },
      { name: 'subentity_name', type: sysname, nullable: true },
      { name: 'permission_name', type: { name: 'nvarchar', length: 60 }, nullable: true },
    ],
  },
];
