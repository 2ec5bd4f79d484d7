import { SqlError } from '../api.js';
import { PostgresError } from '../../postgres/wireMessages.js';
import type { CatalogView } from '../catalog/catalogView.js';
import type { ForeignKeyEntity, IndexEntity, TableEntity } from '../catalog/entities.js';
import { quotePostgres } from '../catalog/names.js';
import { unsupportedErrorNumber } from '../../tsql/unsupported.js';

/** The statement that PostgreSQL refused, as SQL Server's messages name it. */
export type FailedCommand =
  | 'INSERT'
  | 'UPDATE'
  | 'DELETE'
  | 'MERGE'
  | 'SELECT'
  | 'ALTER TABLE'
  | 'CREATE TABLE'
  | 'CREATE INDEX'
  | 'BULK INSERT'
  | 'OTHER';

/** Thrown when the client has cancelled the request: it unwinds everything and is not an error to report. */
export class AttentionError extends Error {
  constructor() {
    super('The request was cancelled by the client.');
    this.name = 'AttentionError';
  }
}

/** Names of constraints and indexes in PostgreSQL, which tell in its errors what was violated. */
export function indexName(objectId: number, indexId: number): string {
  return `ix:${objectId}:${indexId}`;
}

export function foreignKeyName(objectId: number): string {
  return `fk:${objectId}`;
}

export function checkName(objectId: number): string {
  return `ck:${objectId}`;
}

/**
 * The error that SQL Server reports where PostgreSQL reported `error`.
 * @param isolation rules whether a serialization failure is an update conflict of SNAPSHOT (3960) or a deadlock (1205)
 */
export function toSqlError(
  error: unknown,
  command: FailedCommand,
  catalog: CatalogView,
  spid: number,
  isSnapshot: boolean,
): Error {
  if (!(error instanceof PostgresError)) return error instanceof Error ? error : new Error(String(error));
  switch (error.code) {
    case 'TSQL1':
      return raisedError(error);
    case '57014':
      return new AttentionError();
    case '22012':
      return new SqlError(8134, 'Divide by zero error encountered.');
    case '22003':
      return overflow(error);
    case '2200H':
      return identityOverflow(error, catalog);
    case '21000':
      return command === 'MERGE' ? mergeTwice() : severalValues();
    case '23502':
      return nullViolation(error, command, catalog);
    case '23505':
      return duplicateKey(error, command, catalog);
    case '23503':
      return foreignKeyViolation(error, command, catalog);
    case '23514':
      return checkViolation(error, command, catalog);
    case '40P01':
      return deadlock(spid);
    case '40001':
      return isSnapshot ? updateConflict(error) : deadlock(spid);
    case '55P03':
      return new SqlError(1222, 'Lock request time out period exceeded.', { state: 51 });
    default:
      return new SqlError(unsupportedErrorNumber, `The sandbox cannot run this statement: ${error.message}`, {
        state: 2,
      });
  }
}

/** Errors of support functions: 'number|class|state|text'. */
function raisedError(error: PostgresError): SqlError {
  const match = /^(\d+)\|(\d+)\|(\d+)\|([\s\S]*)$/.exec(error.message);
  if (match === null) return new SqlError(unsupportedErrorNumber, error.message);
  const [, number, severity, state, text] = match;
  return new SqlError(Number(number), text ?? '', { class: Number(severity), state: Number(state) });
}

function overflow(error: PostgresError): SqlError {
  const type = /smallint|integer|bigint|real|double precision/.exec(error.message)?.[0] ?? 'numeric';
  const name = { integer: 'int', 'double precision': 'float' }[type] ?? type;
  return new SqlError(8115, `Arithmetic overflow error converting expression to data type ${name}.`, { state: 2 });
}

function identityOverflow(error: PostgresError, catalog: CatalogView): SqlError {
  const sequence = /sequence "([^"]*)"/.exec(error.message)?.[1];
  for (const table of allTables(catalog)) {
    for (const column of table.columns) {
      if (sequence !== undefined && column.identity?.sequence.endsWith(quotePostgres(sequence)) === true) {
        const type = column.type.name === 'decimal' ? 'numeric' : column.type.name;
        return new SqlError(8115, `Arithmetic overflow error converting IDENTITY to data type ${type}.`);
      }
    }
  }
  return new SqlError(8115, 'Arithmetic overflow error converting IDENTITY to data type int.');
}

function severalValues(): SqlError {
  return new SqlError(
    512,
    'Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, <, <= , >, >= or when the subquery is used as an expression.',
  );
}

function mergeTwice(): SqlError {
  return new SqlError(
    8672,
    'The MERGE statement attempted to UPDATE or DELETE the same row more than once. This happens when a target row matches more than one source row. A MERGE statement cannot UPDATE/DELETE the same row of the target table multiple times. Refine the ON clause to ensure a target row matches at most one source row, or use the GROUP BY clause to group the source rows.',
  );
}

/** Error 1205. */
export function deadlock(spid: number): SqlError {
  return new SqlError(
    1205,
    `Transaction (Process ID ${spid}) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.`,
    { class: 13, state: 45 },
  );
}

function updateConflict(error: PostgresError): SqlError {
  const table = error.table === '' ? 'the table' : error.table;
  return new SqlError(
    3960,
    `Snapshot isolation transaction aborted due to update conflict. You cannot use snapshot isolation to access table '${table}' directly or indirectly in database to update, delete, or insert the row that has been modified or deleted by another transaction. Retry the transaction or change the isolation level for the update/delete statement.`,
    { state: 2 },
  );
}

function verb(command: FailedCommand): string {
  return command === 'BULK INSERT' ? 'INSERT' : command;
}

function nullViolation(error: PostgresError, command: FailedCommand, catalog: CatalogView): SqlError {
  const table = tableOf(error, catalog);
  const column = table?.columns.find((candidate) => candidate.postgresName === quotePostgres(error.column));
  if (command === 'ALTER TABLE') {
    return new SqlError(
      515,
      `Cannot insert the value NULL into column '${column?.name ?? error.column}', table '${fullName(table, catalog)}'; column does not allow nulls. UPDATE fails.`,
      { state: 2 },
    );
  }
  return new SqlError(
    515,
    `Cannot insert the value NULL into column '${column?.name ?? error.column}', table '${fullName(table, catalog)}'; column does not allow nulls. ${verb(command)} fails.`,
    { state: 2 },
  );
}

/** Error 1505: an index cannot be made since rows have the same key. `table`: its two-part name. */
export function duplicateInIndex(error: PostgresError, table: string, index: string): SqlError {
  return new SqlError(
    1505,
    `The CREATE UNIQUE INDEX statement terminated because a duplicate key was found for the object name '${table}' and the index name '${index}'. The duplicate key value is ${duplicateValue(error)}.`,
  );
}

function duplicateKey(error: PostgresError, command: FailedCommand, catalog: CatalogView): SqlError {
  const match = /^ix:(-?\d+):(\d+)$/.exec(error.constraint);
  const table = match === null ? undefined : tableById(catalog, Number(match[1]));
  const index = table?.indexes.find((candidate) => candidate.id === Number(match?.[2]));
  const value = duplicateValue(error);
  const name = twoPartName(table, catalog);
  if (command === 'ALTER TABLE') return duplicateInIndex(error, name, index?.name ?? error.constraint);
  if (index?.constraint === undefined) return duplicateIndexKey(name, index, value);
  const kind = index.constraint.type === 'PK' ? 'PRIMARY KEY' : 'UNIQUE KEY';
  return new SqlError(
    2627,
    `Violation of ${kind} constraint '${index.constraint.name}'. Cannot insert duplicate key in object '${name}'. The duplicate key value is ${value}.`,
    { class: 14 },
  );
}

function duplicateIndexKey(table: string, index: IndexEntity | undefined, value: string): SqlError {
  return new SqlError(
    2601,
    `Cannot insert duplicate key row in object '${table}' with unique index '${index?.name ?? ''}'. The duplicate key value is ${value}.`,
    { class: 14 },
  );
}

/** PostgreSQL: Key (rtrim(name, ' '::text))=(abc) already exists. */
function duplicateValue(error: PostgresError): string {
  const match = /\)=\(([\s\S]*)\) (?:already exists|is duplicated)\.$/.exec(error.detail);
  const values = (match?.[1] ?? '').split(', ').map((value) => (value === 'null' ? '<NULL>' : value));
  return `(${values.join(', ')})`;
}

function foreignKeyViolation(error: PostgresError, command: FailedCommand, catalog: CatalogView): SqlError {
  const id = Number(/^fk:(-?\d+)$/.exec(error.constraint)?.[1]);
  const found = findForeignKey(catalog, id);
  if (found === undefined) return new SqlError(547, error.message, { state: 0 });
  const { table, key } = found;
  const referenced = catalog.objectById(table.databaseId, key.referencedObjectId) as TableEntity | undefined;
  const onParent = error.message.startsWith('update or delete');
  const same = referenced?.objectId === table.objectId ? 'SAME TABLE ' : '';
  const kind = onParent ? `${same}REFERENCE` : `FOREIGN KEY${same === '' ? '' : ' SAME TABLE'}`;
  const where = onParent ? table : referenced;
  const pair = key.columns.length === 1 ? key.columns[0] : undefined;
  const columnId = onParent ? pair?.columnId : pair?.referencedColumnId;
  return conflict(command, kind, key.name, where, columnId, catalog);
}

function checkViolation(error: PostgresError, command: FailedCommand, catalog: CatalogView): SqlError {
  const id = Number(/^ck:(-?\d+)$/.exec(error.constraint)?.[1]);
  for (const table of allTables(catalog)) {
    const check = table.checks.find((candidate) => candidate.objectId === id);
    if (check === undefined) continue;
    const columnId = check.columnId === 0 ? undefined : check.columnId;
    return conflict(command, 'CHECK', check.name, table, columnId, catalog);
  }
  return new SqlError(547, error.message, { state: 0 });
}

/** Error 547 with SQL Server's words. */
export function conflict(
  command: FailedCommand,
  kind: string,
  constraint: string,
  table: TableEntity | undefined,
  columnId: number | undefined,
  catalog: CatalogView,
): SqlError {
  const database = table === undefined ? '' : (catalog.databaseById(table.databaseId)?.name ?? '');
  const column = table?.columns.find((candidate) => candidate.id === columnId);
  const columnPart = column === undefined ? '' : `, column '${column.name}'`;
  return new SqlError(
    547,
    `The ${verb(command)} statement conflicted with the ${kind} constraint "${constraint}". The conflict occurred in database "${database}", table "${twoPartName(table, catalog)}"${columnPart}.`,
    { state: 0 },
  );
}

function findForeignKey(catalog: CatalogView, id: number): { table: TableEntity; key: ForeignKeyEntity } | undefined {
  for (const table of allTables(catalog)) {
    const key = table.foreignKeys.find((candidate) => candidate.objectId === id);
    if (key !== undefined) return { table, key };
  }
  return undefined;
}

function* allTables(catalog: CatalogView): Iterable<TableEntity> {
  yield* catalog.temporaryTables();
  for (const entity of catalog.ofKind('table')) yield entity;
}

function tableById(catalog: CatalogView, objectId: number): TableEntity | undefined {
  for (const table of allTables(catalog)) if (table.objectId === objectId) return table;
  return undefined;
}

function tableOf(error: PostgresError, catalog: CatalogView): TableEntity | undefined {
  const ending = `.${quotePostgres(error.table)}`;
  const whole = `${quotePostgres(error.schema)}${ending}`;
  const temporary = error.schema.startsWith('pg_temp');
  for (const table of allTables(catalog)) {
    if (table.postgresName === whole || (temporary && table.postgresName.endsWith(ending))) return table;
  }
  return undefined;
}

/** dbo.t */
export function twoPartName(table: TableEntity | undefined, catalog: CatalogView): string {
  if (table === undefined) return '';
  return `${catalog.schemaById(table.databaseId, table.schemaId)?.name ?? ''}.${table.name}`;
}

function fullName(table: TableEntity | undefined, catalog: CatalogView): string {
  if (table === undefined) return '';
  return `${catalog.databaseById(table.databaseId)?.name ?? ''}.${twoPartName(table, catalog)}`;
}
