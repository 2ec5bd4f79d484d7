import type { BulkLoadRequest, ResultSink } from '../api.js';
import { catalogTable } from '../catalog/catalogReader.js';
import { translateConversion } from '../interpreter/translation.js';
import { fireInsertTriggers } from '../interpreter/triggers.js';
import type { Session } from '../session/session.js';
import { postgresType, sameType } from '../translate/types/sqlTypes.js';
import type { BulkPlan } from './bulkPlan.js';
import { loadByCopy, type LoadResult } from './copyRows.js';

let stagingCounter = 0;

/** Loads rows into a temporary relation first, to convert their values or to fire triggers for them. */
export async function loadThroughStaging(
  session: Session,
  plan: BulkPlan,
  request: BulkLoadRequest,
  fires: boolean,
  sink: ResultSink,
): Promise<LoadResult> {
  const { connection } = session;
  const { table, columns } = plan;
  const staging = `"bulk:${++stagingCounter}"`;
  const definitions = columns.map(({ column, type }) => `${column.postgresName} ${postgresType(type)}`);
  await connection.execute(`create temporary table ${staging} (${definitions.join(', ')})`);
  const unreplaced = columns.map((column) => ({ ...column, replacement: null }));
  const loaded = await loadByCopy(session, `pg_temp.${staging}`, unreplaced, plan.keptIdentity, request, false);
  const names = columns.map(({ column }) => column.postgresName).join(', ');
  const values = columns.map((entry) => valueOf(session, plan, entry)).join(', ');
  const insert = `insert into ${table.postgresName} (${names}) select ${values} from pg_temp.${staging}`;
  if (fires) {
    const { database, schema } = session.namesOf(table);
    await fireInsertTriggers(session, catalogTable(table, database, schema), insert, sink);
  } else {
    await connection.execute(insert);
  }
  await connection.execute(`drop table pg_temp.${staging}`);
  return loaded;
}

function valueOf(session: Session, plan: BulkPlan, entry: BulkPlan['columns'][number]): string {
  const { column, type } = entry;
  const value = sameType(type, column.type)
    ? column.postgresName
    : translateConversion(session, column.postgresName, type, column.type);
  const replaced = plan.statement.keepNulls ? undefined : column.default?.postgresExpression;
  return replaced === undefined ? value : `coalesce(${value}, ${replaced})`;
}
