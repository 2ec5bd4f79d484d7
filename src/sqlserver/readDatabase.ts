/**
 * What reading needs of a database, and nothing more: it has no writing method. The pool of ./pool.ts is one; tests
 * give canned answers.
 */
export interface ReadDatabase {
  /**
   * Runs one SELECT. bigint values arrive as strings, NULL as null; column names as the statement spells them.
   * Parameters are named without '@'; SQL Server takes at most 2,100 of them.
   */
  query(sql: string, parameters?: Readonly<Record<string, SqlParameter>>): Promise<SqlRow[]>;

  /** Runs several SELECTs one after the other in one request; the rows of each. One that fails fails them all. */
  queryAll(statements: readonly string[]): Promise<SqlRow[][]>;
}

export type SqlRow = Record<string, unknown>;

export interface SqlParameter {
  readonly type: 'nvarchar' | 'int' | 'bigint' | 'bit';
  readonly value: string | number | boolean | null;
}
