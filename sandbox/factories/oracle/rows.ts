import type mssql from 'mssql';
import { exactly, type PublishedEntity } from './metamodel.js';
import type { References } from './references.js';
import { addOnce, textOf, type OracleRow, type OracleValue } from './values.js';

/** Rows of an application entity: marker -> attribute -> value; an identifier that the environment itself numbers is left out. */
export async function readRows(
  pool: mssql.ConnectionPool,
  references: References,
  entity: PublishedEntity,
): Promise<Map<string, OracleRow>> {
  const { attributes } = entity.model;
  const isNumbered = attributes.some((each) => each.active && each.autoNumber && each.name === entity.key.name);
  const columns = entity.columns.filter((each) => each !== entity.key || !isNumbered);
  const selected = columns.map((each, at) => `${exactly(each)} AS c${at}`);
  if (entity.hasTenant) selected.push('[TENANT_ID] AS tenant');
  const result = await pool
    .request()
    .query<Record<string, unknown>>(`SELECT ${selected.join(', ')} FROM ${entity.from}`);
  const rows = new Map<string, OracleRow>();
  for (const row of result.recordset) {
    const values: Record<string, OracleValue> = {};
    for (const [at, column] of columns.entries()) {
      const text = textOf(row[`c${at}`]);
      const target = references.target(column.type);
      values[column.name] = target ? await references.resolve(target, text) : text;
    }
    if (entity.hasTenant) values['#tenant'] = await references.system('OSSYS_TENANT', row['tenant'] as number | null);
    const marker = values[entity.model.marker];
    addOnce(rows, typeof marker === 'string' ? marker : '(no marker)', values);
  }
  return rows;
}
