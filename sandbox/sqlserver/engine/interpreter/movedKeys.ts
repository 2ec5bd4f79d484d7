import type { ResultSink } from '../api.js';
import type { ForeignKeyEntity, TableEntity } from '../catalog/entities.js';
import { quotePostgres } from '../catalog/names.js';
import { checkByStatement } from '../ddl/foreignKeyChecks.js';
import { PostgresError } from '../../postgres/wireMessages.js';
import type { Session } from '../session/session.js';
import type { TranslatedStatement } from '../translate/result.js';

/**
 * SQL Server checks a unique index once for the whole statement, so `SET id = id + 1` passes; PostgreSQL checks it row
 * by row. An UPDATE or MERGE that PostgreSQL refused for a unique index is run again without that index, which is then
 * made anew, with the foreign keys that refer to it: if the values are unique by then and rows that refer to them still
 * find them, the statement was right. This holds the tables alone until the transaction ends.
 */
export async function rerunWithMovedKeys(
  session: Session,
  statement: TranslatedStatement,
  error: unknown,
  sink: ResultSink,
  run: (sink: ResultSink) => Promise<void>,
): Promise<void> {
  const first = violatedIndex(session, statement, error);
  if (first === undefined) throw error;
  const indexes = [first];
  for (;;) {
    const held = new HeldSink(sink);
    try {
      await session.transactions.atomic(session.settings.isolation, () =>
        withoutIndexes(session, indexes, () => run(held)),
      );
      await held.release();
      return;
    } catch (again) {
      const other = violatedIndex(session, statement, again);
      if (other === undefined || indexes.includes(other)) throw isRefusal(again) ? error : again;
      indexes.push(other);
    }
  }
}

/** The quoted name of the target's unique index that refused the statement. */
function violatedIndex(session: Session, statement: TranslatedStatement, error: unknown): string | undefined {
  if (!(error instanceof PostgresError) || error.code !== '23505' || statement.kind !== 'dml') return undefined;
  const { command, target, execution } = statement;
  if ((command !== 'update' && command !== 'merge') || execution.mode === 'rows') return undefined;
  const table = session.resolve({ database: target.database, schema: target.schema, object: target.name });
  if (table?.kind !== 'table' || !isOn(table, error)) return undefined;
  return `${quotePostgres(error.schema)}.${quotePostgres(error.constraint)}`;
}

function isOn(table: TableEntity, error: PostgresError): boolean {
  const name = quotePostgres(error.table);
  if (table.temporary !== undefined) return table.postgresName.endsWith(name) && error.schema.startsWith('pg_temp');
  return table.postgresName === `${quotePostgres(error.schema)}.${name}`;
}

async function withoutIndexes(session: Session, indexes: readonly string[], work: () => Promise<void>): Promise<void> {
  const { connection } = session;
  const references: Reference[] = [];
  const definitions: string[] = [];
  for (const index of indexes) {
    for (const reference of await referencesTo(session, index)) {
      await connection.execute(`alter table ${reference.table} drop constraint ${quotePostgres(reference.constraint)}`);
      references.push(reference);
    }
    const [row] = await connection.rows('select pg_get_indexdef($1::regclass)', [index]);
    definitions.push(row?.[0] ?? '');
    await connection.execute(`drop index ${index}`);
  }
  await work();
  for (const definition of definitions) await connection.execute(definition);
  for (const reference of references) await restore(session, reference);
}

/** A foreign key that PostgreSQL keeps by a unique index. */
interface Reference {
  /** Quoted name. */
  readonly table: string;
  readonly constraint: string;
  readonly definition: string;
}

/**
 * The foreign keys that an index serves. Throws KeyStays when one of them could not be made anew with the same meaning:
 * it was to change other rows, or does not hold for all rows.
 */
async function referencesTo(session: Session, index: string): Promise<Reference[]> {
  const rows = await session.connection.rows(
    `select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
     where contype = 'f' and conindid = $1::regclass order by oid`,
    [index],
  );
  return rows.map(([table, name, definition]) => {
    const key = foreignKeyNamed(session, name ?? '');
    if (key === undefined || key.notTrusted || key.onUpdate !== 'noAction') throw new KeyStays();
    return { table: table ?? '', constraint: name ?? '', definition: definition ?? '' };
  });
}

function foreignKeyNamed(session: Session, postgresName: string): ForeignKeyEntity | undefined {
  for (const table of session.catalog.ofKind('table')) {
    const key = table.foreignKeys.find((candidate) => candidate.postgresName === postgresName);
    if (key !== undefined) return key;
  }
  return undefined;
}

/** Makes the key anew, which looks at all rows: those left without the row they refer to were left so by the statement. */
async function restore(session: Session, { table, constraint, definition }: Reference): Promise<void> {
  try {
    await session.connection.execute(
      `alter table ${table} add constraint ${quotePostgres(constraint)} ${definition}; ${checkByStatement(table, constraint)}`,
    );
  } catch (error) {
    if (error instanceof PostgresError && error.code === '23503') throw referencedKeyGone(error.constraint);
    throw error;
  }
}

/** The error that PostgreSQL gives when the key was there while the statement ran. */
function referencedKeyGone(constraint: string): PostgresError {
  const fields = { C: '23503', M: 'update or delete of a row that is referred to', n: constraint };
  return new PostgresError(new Map(Object.entries(fields)));
}

class KeyStays extends Error {}

/** The index cannot be dropped (55006), its values are not unique after all, or a foreign key keeps it. */
function isRefusal(error: unknown): boolean {
  return error instanceof KeyStays || (error instanceof PostgresError && ['55006', '23505'].includes(error.code));
}

/** Keeps what a statement reports until it is known that the statement stands. */
class HeldSink implements ResultSink {
  private readonly calls: ((sink: ResultSink) => void | Promise<void>)[] = [];

  constructor(private readonly sink: ResultSink) {}

  async release(): Promise<void> {
    for (const call of this.calls) await call(this.sink);
  }

  columns(...values: Parameters<ResultSink['columns']>): void {
    this.calls.push((sink) => sink.columns(...values));
  }

  row(values: Parameters<ResultSink['row']>[0]): void {
    const kept = values.slice();
    this.calls.push((sink) => sink.row(kept));
  }

  statementDone(...values: Parameters<ResultSink['statementDone']>): void {
    this.calls.push((sink) => sink.statementDone(...values));
  }

  message(...values: Parameters<ResultSink['message']>): void {
    this.calls.push((sink) => sink.message(...values));
  }

  returnStatus(...values: Parameters<ResultSink['returnStatus']>): void {
    this.calls.push((sink) => sink.returnStatus(...values));
  }

  returnValue(...values: Parameters<ResultSink['returnValue']>): void {
    this.calls.push((sink) => sink.returnValue(...values));
  }

  environmentChange(...values: Parameters<ResultSink['environmentChange']>): void {
    this.calls.push((sink) => sink.environmentChange(...values));
  }
}
