import type { SqlType } from '../../api.js';
import type { Session } from '../../session/session.js';

/** A column of a system view: name, T-SQL type, PostgreSQL expression; nullable unless said otherwise. */
export interface SystemViewColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly expression: string;
  readonly nullable: boolean;
}

/** What a view's text is made for. */
export interface SystemViewContext {
  readonly session: Session;
  readonly databaseId: number;
  readonly databaseName: string;
  /** Condition on an object id: true for the objects that the user may see. */
  readonly visible: (objectId: string) => string;
}

export interface SystemView {
  readonly schema: 'sys' | 'INFORMATION_SCHEMA';
  readonly name: string;
  readonly columns: readonly SystemViewColumn[];
  /** FROM and what follows it. */
  readonly source: (context: SystemViewContext) => string;
  /** True for views of the engine's memory: their text holds the rows themselves and is made anew for each use. */
  readonly volatile?: boolean;
}

export const int: SqlType = { name: 'int' };
export const smallint: SqlType = { name: 'smallint' };
export const tinyint: SqlType = { name: 'tinyint' };
export const bigint: SqlType = { name: 'bigint' };
export const bit: SqlType = { name: 'bit' };
export const datetime: SqlType = { name: 'datetime' };
export const sysname: SqlType = { name: 'nvarchar', length: 128 };
export const longText: SqlType = { name: 'nvarchar', length: 'max' };
export const sid: SqlType = { name: 'varbinary', length: 85 };
export const wholeNumber: SqlType = { name: 'numeric', precision: 38, scale: 0 };

export function text(length: number): SqlType {
  return { name: 'nvarchar', length };
}

export function varchar(length: number): SqlType {
  return { name: 'varchar', length };
}

export function char(length: number): SqlType {
  return { name: 'char', length };
}

export function column(name: string, type: SqlType, expression: string, nullable = true): SystemViewColumn {
  return { name, type, expression, nullable };
}

/** A column with the same value in every row. */
export function constant(name: string, type: SqlType, value: number | string | null): SystemViewColumn {
  const expression = value === null ? 'null' : typeof value === 'string' ? `'${value}'` : String(value);
  return { name, type, expression, nullable: value === null };
}

/** Choice of a text by a value: CASE. */
export function choose(expression: string, texts: Readonly<Record<string, string>>, otherwise = 'null'): string {
  const branches = Object.entries(texts).map(([value, result]) => `when '${value}' then '${result}'`);
  return `case (${expression})::text ${branches.join(' ')} else ${otherwise} end`;
}
