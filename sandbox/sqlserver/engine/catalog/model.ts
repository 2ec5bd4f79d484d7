import type { CommonTableExpression, Query } from '../../tsql/ast.js';
import type { SqlType } from '../api.js';

/**
 * SQL Server's objects as the translator sees them. One PostgreSQL database holds all SQL Server databases, so that
 * three-part names and cross-database transactions work: database `prod`, schema `dbo` is PostgreSQL schema "prod.dbo".
 */

/** How T-SQL types are kept in PostgreSQL. Units are those of SqlValue in ../api.ts. */
export const postgresTypes = {
  bit: 'int2',
  tinyint: 'int2',
  smallint: 'int2',
  int: 'int4',
  bigint: 'int8',
  decimal: 'numeric',
  numeric: 'numeric',
  money: 'numeric(19,4)',
  smallmoney: 'numeric(10,4)',
  real: 'float4',
  float: 'float8',
  date: 'int4',
  time: 'int8',
  datetime: 'int8',
  smalldatetime: 'int4',
  datetime2: 'int8',
  datetimeoffset: 'tsql.datetimeoffset',
  char: 'text',
  varchar: 'text',
  text: 'text',
  nchar: 'text',
  nvarchar: 'text',
  ntext: 'text',
  binary: 'bytea',
  varbinary: 'bytea',
  image: 'bytea',
  uniqueidentifier: 'uuid',
} as const;

export type TableKind = 'table' | 'view' | 'systemView' | 'temporary' | 'pseudo';

export interface CatalogColumn {
  readonly columnId: number;
  readonly name: string;
  /** Quoted PostgreSQL column name. */
  readonly postgresName: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  /** `sequence`: quoted, schema-qualified PostgreSQL sequence whose nextval gives the next identity value. */
  readonly identity?: { readonly seed: bigint; readonly increment: bigint; readonly sequence: string };
  /** Text of a DEFAULT definition, T-SQL, without the DEFAULT word. */
  readonly defaultDefinition?: string;
  /** Text of a computed column's expression, T-SQL. */
  readonly computedDefinition?: string;
}

export interface CatalogTable {
  readonly objectId: number;
  readonly database: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: TableKind;
  /** Quoted, schema-qualified PostgreSQL relation. */
  readonly postgresName: string;
  readonly columns: readonly CatalogColumn[];
  /** True if an enabled trigger fires on the event: OUTPUT without INTO is then refused (error 334). */
  readonly triggers: { readonly insert: boolean; readonly update: boolean; readonly delete: boolean };
  /** Absent for what has none by its nature. */
  readonly indexes?: readonly { readonly id: number; readonly name: string }[];
  /** Of a view that may be written through: its query. */
  readonly viewQuery?: { readonly query: Query; readonly ctes: readonly CommonTableExpression[] };
  /** Names of what keeps a table from being the target of OUTPUT INTO (errors 332 and 333). */
  readonly foreignKey?: string;
  readonly enabledCheck?: string;
}

export interface CatalogReader {
  /** Names compare as the database's collation does. Missing parts are '' and mean the session's defaults. */
  findTable(name: { database: string; schema: string; object: string }): CatalogTable | undefined;
}
