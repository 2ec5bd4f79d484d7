import type mssql from 'mssql';
import type { References } from './references.js';
import { addOnce, textOf, type OracleRow, type OracleValue } from './values.js';

export interface OracleProcesses {
  /** By label. Inputs and outputs appear as 'input NAME' and 'output NAME'. */
  readonly processes: Map<string, OracleRow>;
  /** By 'label / name / moment of creation'. */
  readonly activities: Map<string, OracleRow>;
}

const processQuery = `SELECT p.ID, p.TENANT_ID, p.LABEL, CONVERT(nvarchar(30), p.CREATED, 121) AS CREATED, p.CREATED_BY, p.PROCESS_DEF_ID, p.PARENT_PROCESS_ID,
  p.PARENT_ACTIVITY_ID, p.TOP_PROCESS_ID, s.NAME AS STATUS, CONVERT(nvarchar(30), p.LAST_MODIFIED, 121) AS LAST_MODIFIED, p.LAST_MODIFIED_BY,
  CONVERT(nvarchar(30), p.SUSPENDED_DATE, 121) AS SUSPENDED_DATE, p.SUSPENDED_BY
  FROM OSSYS_BPM_PROCESS p LEFT JOIN OSSYS_BPM_PROCESS_STATUS s ON s.ID = p.STATUS_ID`;

const activityQuery = `SELECT a.ID, a.TENANT_ID, a.ACTIVITY_DEF_ID, a.PROCESS_ID, a.NAME, a.USER_ID, a.GROUP_ID, CONVERT(nvarchar(30), a.CREATED, 121) AS CREATED,
  CONVERT(nvarchar(30), a.OPENED, 121) AS OPENED, CONVERT(nvarchar(30), a.CLOSED, 121) AS CLOSED, s.NAME AS STATUS,
  CONVERT(nvarchar(30), a.IS_RUNNING_SINCE, 121) AS IS_RUNNING_SINCE, a.IS_RUNNING_AT, CONVERT(nvarchar(30), a.NEXT_RUN, 121) AS NEXT_RUN,
  a.PRECEDENT_ACTIVITY_ID, a.PRECEDENT_OUTCOME, CONVERT(nvarchar(30), a.DUE_DATE, 121) AS DUE_DATE, a.EXPIRED, a.SKIPPED, a.ERROR_COUNT,
  a.INBOX_DETAIL, a.LAST_ERROR_ID, CONVERT(nvarchar(30), a.LAST_MODIFIED, 121) AS LAST_MODIFIED
  FROM OSSYS_BPM_ACTIVITY a LEFT JOIN OSSYS_BPM_ACTIVITY_STATUS s ON s.ID = a.STATUS_ID`;

/** Columns that hold identifiers, and the platform table that each refers to. */
const referenceTables: Readonly<Record<string, string>> = {
  TENANT_ID: 'OSSYS_TENANT',
  CREATED_BY: 'OSSYS_USER',
  LAST_MODIFIED_BY: 'OSSYS_USER',
  SUSPENDED_BY: 'OSSYS_USER',
  USER_ID: 'OSSYS_USER',
  GROUP_ID: 'OSSYS_GROUP',
  PROCESS_DEF_ID: 'OSSYS_BPM_PROCESS_DEFINITION',
  ACTIVITY_DEF_ID: 'OSSYS_BPM_ACTIVITY_DEFINITION',
  PROCESS_ID: 'OSSYS_BPM_PROCESS',
  PARENT_PROCESS_ID: 'OSSYS_BPM_PROCESS',
  TOP_PROCESS_ID: 'OSSYS_BPM_PROCESS',
  PARENT_ACTIVITY_ID: 'OSSYS_BPM_ACTIVITY',
  PRECEDENT_ACTIVITY_ID: 'OSSYS_BPM_ACTIVITY',
};

export async function readProcesses(pool: mssql.ConnectionPool, references: References): Promise<OracleProcesses> {
  const inputs = await readParameters(pool, references, 'OSSYS_BPM_PROCESS_INPUT', 'PROCESS_ID', 'input');
  const outputs = await readParameters(pool, references, 'OSSYS_BPM_PROCESS_OUTPUT', 'PROCESS_ID', 'output');
  const results = await readParameters(pool, references, 'OSSYS_BPM_ACTIVITY_OUTPUT', 'ACTIVITY_ID', 'output');
  return {
    processes: await readInstances(pool, references, processQuery, 'OSSYS_BPM_PROCESS', [inputs, outputs]),
    activities: await readInstances(pool, references, activityQuery, 'OSSYS_BPM_ACTIVITY', [results]),
  };
}

type Parameters = ReadonlyMap<number, ReadonlyMap<string, OracleValue>>;

async function readInstances(
  pool: mssql.ConnectionPool,
  references: References,
  query: string,
  table: string,
  parameters: readonly Parameters[],
): Promise<Map<string, OracleRow>> {
  const instances = new Map<string, OracleRow>();
  for (const row of (await pool.request().query<Record<string, unknown>>(query)).recordset) {
    const { ID, ...rest } = row;
    const id = Number(ID);
    const values: Record<string, OracleValue> = {};
    for (const [name, value] of Object.entries(rest)) {
      const target = referenceTables[name];
      values[name] = target ? await references.system(target, value as number | null) : textOf(value);
    }
    for (const each of parameters) Object.assign(values, Object.fromEntries(each.get(id) ?? []));
    addOnce(instances, (await references.system(table, id)) ?? '', values);
  }
  return instances;
}

/** By owner: name -> value. What SS_TYPE calls an identifier is resolved, whatever DATA_TYPE says (guide, Process Input). */
async function readParameters(
  pool: mssql.ConnectionPool,
  references: References,
  table: string,
  owner: string,
  kind: 'input' | 'output',
): Promise<Parameters> {
  const found = new Map<number, Map<string, OracleValue>>();
  const query = `SELECT ${owner} AS owner, ${kind}_DEF_ID AS definition, SS_KEY, NAME, DATA_TYPE, ${kind}_VALUE AS value, SS_TYPE FROM ${table}`;
  const definitions = await definitionKeys(pool, table);
  for (const row of (await pool.request().query<Record<string, unknown>>(query)).recordset) {
    const values = found.get(Number(row['owner'])) ?? new Map<string, OracleValue>();
    found.set(Number(row['owner']), values);
    const name = `${kind} ${textOf(row['NAME'])}`;
    const target = references.target(String(row['SS_TYPE']));
    addOnce(values, name, target ? await references.resolve(target, textOf(row['value'])) : textOf(row['value']));
    addOnce(
      values,
      `${name}, described`,
      [
        row['SS_KEY'],
        row['DATA_TYPE'],
        row['SS_TYPE'],
        definitions.get(Number(row['definition'])) ?? 'missing definition',
      ]
        .map(String)
        .join(' '),
    );
  }
  return found;
}

/** Input or output definition -> its key. */
async function definitionKeys(pool: mssql.ConnectionPool, table: string): Promise<ReadonlyMap<number, string>> {
  const rows = (await pool.request().query<{ ID: number; SS_KEY: string }>(`SELECT ID, SS_KEY FROM ${table}_DEF`))
    .recordset;
  return new Map(rows.map((each) => [each.ID, each.SS_KEY]));
}
