import type mssql from 'mssql';
import { quote } from '../write/connection.js';
import { exactly, type PublishedEntity } from './metamodel.js';
import type { References } from './references.js';
import { textOf, type OracleValue } from './values.js';

/** Rows of an entity's event table, each as JSON text with every identifier resolved; sorted. */
export async function readSubscriptions(
  pool: mssql.ConnectionPool,
  references: References,
  entity: PublishedEntity,
  eventFrom: string,
): Promise<string[]> {
  const filters = entity.columns.filter((each) => each !== entity.key && each.type.startsWith('bt'));
  const selected = ['_ESPACE_ID', '_TENANT_ID', '_ACTIVITY_ID', '_PROCESS_DEF_ID', '_IS_UPDATE', '_IS_LIGHT'].map(
    quote,
  );
  selected.push(
    `${exactly({ column: 'ID', sqlType: entity.key.sqlType })} AS id`,
    ...filters.map((each, at) => `${exactly(each)} AS c${at}`),
  );
  const rows = (await pool.request().query<Record<string, unknown>>(`SELECT ${selected.join(', ')} FROM ${eventFrom}`))
    .recordset;
  const found: string[] = [];
  for (const row of rows) {
    const system = async (table: string, column: string): Promise<string | null> =>
      await references.system(table, row[column] as number | null);
    const values: Record<string, OracleValue> = {
      espace: await system('OSSYS_ESPACE', '_ESPACE_ID'),
      tenant: await system('OSSYS_TENANT', '_TENANT_ID'),
      activity: await system('OSSYS_BPM_ACTIVITY', '_ACTIVITY_ID'),
      definition: await system('OSSYS_BPM_PROCESS_DEFINITION', '_PROCESS_DEF_ID'),
      update: textOf(row['_IS_UPDATE']),
      light: textOf(row['_IS_LIGHT']),
      row: await references.resolve(entity, textOf(row['id'])),
    };
    for (const [at, each] of filters.entries()) {
      const target = references.target(each.type);
      if (target) values[each.name] = await references.resolve(target, textOf(row[`c${at}`]));
    }
    found.push(JSON.stringify(Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)))));
  }
  return found.sort();
}
