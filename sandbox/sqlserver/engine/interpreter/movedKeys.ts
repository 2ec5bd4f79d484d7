import type { ResultSink } from '../api.js';
import type { TableEntity } from '../catalog/entities.js';
import { quotePostgres } from '../catalog/names.js';
import { PostgresError } from '../../postgres/wireMessages.js';
import type { Session } from '../session/session.js';
import type { TranslatedStatement } from '../translate/result.js';

/**
 * SQL Server checks a unique index once for the whole statement, so `SET id = id + 1` passes; PostgreSQL checks it row
 * by row. An UPDATE or MERGE that PostgreSQL refused for a unique index is run again without that index, which is then
 * made anew: if the values are unique by then, the statement was right. This holds the table alone until the
 * transaction ends. An index that a foreign key refers to stays, and so does the error.
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
  if (table?.kind !== 'table') return undefined;
  const index = table.indexes.find(({ postgresName }) => postgresName === error.constraint);
  return index === undefined ? undefined : `${schemaOf(table)}.${quotePostgres(index.postgresName)}`;
}

function schemaOf(table: TableEntity): string {
  return table.temporary === undefined ? table.postgresName.slice(0, table.postgresName.lastIndexOf('."')) : 'pg_temp';
}

async function withoutIndexes(session: Session, indexes: readonly string[], work: () => Promise<void>): Promise<void> {
  const { connection } = session;
  const definitions: string[] = [];
  for (const index of indexes) {
    const [row] = await connection.rows('select pg_get_indexdef($1::regclass)', [index]);
    definitions.push(row?.[0] ?? '');
    await connection.execute(`drop index ${index}`);
  }
  await work();
  for (const definition of definitions) await connection.execute(definition);
}

/** The index cannot be dropped (2BP01, 55006), or its values are not unique after all. */
function isRefusal(error: unknown): boolean {
  return error instanceof PostgresError && ['2BP01', '55006', '23505'].includes(error.code);
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
