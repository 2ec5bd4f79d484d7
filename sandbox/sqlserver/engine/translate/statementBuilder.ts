import type { SqlType } from '../api.js';
import type { CatalogColumn, CatalogTable } from '../catalog/model.js';
import { nameKey } from '../catalog/names.js';
import { unsupported } from '../../tsql/unsupported.js';
import type { TranslationContext } from './context.js';
import { undeclaredVariable, type Position } from './errors.js';
import type { EngineValue, ObjectUse, StatementParameter, TableLock } from './result.js';
import { postgresType } from './types/sqlTypes.js';

/** Where the translated text will live: a statement has parameters, an object kept in PostgreSQL has none. */
export type Destination = 'statement' | 'stored';

/** Collects what one translation needs besides its text. */
export class StatementBuilder {
  readonly context: TranslationContext;
  readonly destination: Destination;
  readonly parameters: StatementParameter[] = [];
  readonly uses: (ObjectUse & { readonly columns: Set<CatalogColumn> })[] = [];
  readonly locks: TableLock[] = [];
  noWait = false;
  volatile = false;
  private aliasCount = 0;
  private readonly parameterIndexes = new Map<string, number>();

  constructor(context: TranslationContext, destination: Destination = 'statement') {
    this.context = context;
    this.destination = destination;
  }

  /** Names are equal when their keys are: as the database's collation compares. */
  nameKey(name: string): string {
    return nameKey(name, this.context.databaseCollation);
  }

  /** A PostgreSQL alias that no other source of the statement has. */
  alias(prefix = 't'): string {
    this.aliasCount += 1;
    return `${prefix}${this.aliasCount}`;
  }

  variable(name: string, position?: Position): { sql: string; type: SqlType } {
    const type = this.context.variableType(name);
    if (type === undefined) throw undeclaredVariable(name, position);
    if (this.destination === 'stored')
      throw unsupported(`variables in the definition of an object (${name})`, position);
    const index = this.parameterIndex(`variable ${name.toUpperCase()}`, { kind: 'variable', name, type });
    return { sql: `$${index}::${postgresType(type)}`, type };
  }

  engineValue(value: EngineValue, type: SqlType): string {
    if (this.destination === 'stored') return storedEngineValue(value);
    const index = this.parameterIndex(`engine ${value} ${type.name}`, { kind: 'engine', value, type });
    return `$${index}::${postgresType(type)}`;
  }

  use(table: CatalogTable, permission: ObjectUse['permission'], columns: readonly CatalogColumn[] = []): void {
    const known = this.uses.find((use) => use.table === table && use.permission === permission);
    if (known === undefined) this.uses.push({ table, permission, columns: new Set(columns) });
    else for (const column of columns) known.columns.add(column);
  }

  /** A reference to a column reads it, in the WHERE of a modification too. */
  read(table: CatalogTable, name: string): void {
    const column = table.columns.find((candidate) => candidate.name === name);
    if (column !== undefined) this.use(table, 'SELECT', [column]);
  }

  lock(table: CatalogTable, mode: TableLock['mode']): void {
    if (this.locks.some((lock) => lock.table === table && lock.mode === mode)) return;
    this.locks.push({ table, mode });
  }

  private parameterIndex(key: string, parameter: StatementParameter): number {
    const known = this.parameterIndexes.get(key);
    if (known !== undefined) return known;
    this.parameters.push(parameter);
    this.parameterIndexes.set(key, this.parameters.length);
    return this.parameters.length;
  }
}

const storedTimes: Partial<Record<EngineValue, string>> = {
  GETDATE: 'tsql.getdate()',
  GETUTCDATE: 'tsql.getdate()',
  SYSDATETIME: 'tsql.sysdatetime()',
  SYSUTCDATETIME: 'tsql.sysdatetime()',
};

function storedEngineValue(value: EngineValue): string {
  const sql = storedTimes[value];
  if (sql === undefined) throw unsupported(`${value} in the definition of an object`);
  return sql;
}
