import type mssql from 'mssql';
import type { OracleReading, OracleRow, OracleValue } from '../../../sandbox/factories/oracle.js';
import type { PlannedEntity, RefreshPlan } from '../../../src/plan/refreshPlan.js';

export function entityOf(plan: RefreshPlan, name: string): PlannedEntity {
  const found = plan.entities.find(({ node }) => nameOf(plan, node) === name);
  if (found === undefined) throw new Error(`the plan does not move ${name}`);
  return found;
}

/** Id of the work item that moves an entity. */
export function itemOf(plan: RefreshPlan, name: string): number {
  const index = plan.entities.indexOf(entityOf(plan, name));
  const item = plan.items.find(({ entities }) => entities.includes(index));
  if (item === undefined) throw new Error(`no item moves ${name}`);
  return item.id;
}

export function nameOf(plan: RefreshPlan, node: number): string {
  const found = plan.nodes[node];
  return `${found?.espace}.${found?.entity}`;
}

export function originOf(plan: RefreshPlan, name: string): string | undefined {
  return plan.nodes[entityOf(plan, name).node]?.origin;
}

/** Quoted tables of an entity on both sides. */
export function tablesOf(plan: RefreshPlan, name: string): { readonly source: string; readonly destination: string } {
  const { sourceTable, destinationTable } = entityOf(plan, name);
  return { source: `[dbo].[${sourceTable.table}]`, destination: `[dbo].[${destinationTable.table}]` };
}

export async function rows<T>(pool: mssql.ConnectionPool, sql: string): Promise<T[]> {
  return (await pool.request().query<T>(sql)).recordset;
}

/** The first column of every row. */
export async function list(pool: mssql.ConnectionPool, sql: string): Promise<unknown[]> {
  return (await rows<Record<string, unknown>>(pool, sql)).map((row) => Object.values(row)[0]);
}

/** The first column of the first row. */
export async function value(pool: mssql.ConnectionPool, sql: string): Promise<unknown> {
  return (await list(pool, sql))[0];
}

export async function run(pool: mssql.ConnectionPool, sql: string): Promise<void> {
  await pool.request().batch(sql);
}

/** Physical table of a published entity, by its environment's own metamodel. */
export async function tableOf(pool: mssql.ConnectionPool, espace: string, entity: string): Promise<string> {
  const table = await value(
    pool,
    `SELECT n.PHYSICAL_TABLE_NAME FROM OSSYS_ENTITY n INNER JOIN OSSYS_ESPACE e ON e.ID = n.ESPACE_ID
     WHERE e.NAME = N'${espace}' AND n.NAME = N'${entity}' AND e.IS_ACTIVE = 1 AND n.IS_ACTIVE = 1`,
  );
  return `[dbo].[${String(table)}]`;
}

/** An expression over attributes in braces, with the columns that one side has for them. */
export function withColumns(entity: PlannedEntity, side: 'source' | 'destination', expression: string): string {
  return expression.replace(/\{(.+?)\}/g, (_, attribute: string) => {
    const found = entity.columns.find((column) => column.attribute === attribute)?.[side];
    if (found == null) throw new Error(`no column for ${attribute}`);
    return `[${found.column}]`;
  });
}

/** Column of a published attribute, by its environment's own metamodel. */
export async function columnOf(
  pool: mssql.ConnectionPool,
  espace: string,
  entity: string,
  attribute: string,
): Promise<string> {
  const column = await value(
    pool,
    `SELECT COALESCE(a.DATABASE_NAME, a.NAME) FROM OSSYS_ENTITY_ATTR a INNER JOIN OSSYS_ENTITY n ON n.ID = a.ENTITY_ID INNER JOIN OSSYS_ESPACE e ON e.ID = n.ESPACE_ID
     WHERE e.NAME = N'${espace}' AND n.NAME = N'${entity}' AND a.NAME = N'${attribute}' AND e.IS_ACTIVE = 1 AND n.IS_ACTIVE = 1 AND a.IS_ACTIVE = 1`,
  );
  return `[${String(column)}]`;
}

/** Moves what names users and little else. */
export function requestOfMembers(users: object): Record<string, unknown> {
  return {
    source: 'production',
    destination: 'qa',
    scope: { entities: ['Organization.Member', 'Organization.Department'] },
    processes: { migrate: false },
    tenants: 'exclude',
    unmapped: 'setNull',
    entities: { 'People.City': { data: 'keep', match: ['Name'], onMatch: 'skip' } },
    users,
  };
}

/**
 * Who stands for users of production after the last run, each once, in lower case.
 * @param sourceIds of these; of all without them
 */
export async function loginsOfImages(qa: mssql.ConnectionPool, sourceIds?: readonly number[]): Promise<string[]> {
  const ofThese = sourceIds === undefined ? '' : ` AND m.source_key IN (${sourceIds.join(', ')})`;
  const logins = await list(
    qa,
    `SELECT DISTINCT LOWER(d.USERNAME) FROM refresh.key_map m INNER JOIN refresh.key_owner o ON o.owner = m.owner INNER JOIN OSSYS_USER d ON d.ID = m.destination_key
     WHERE m.run = (SELECT MAX(number) FROM refresh.run) AND o.entity_key = (SELECT SS_KEY FROM OSSYS_ENTITY WHERE PHYSICAL_TABLE_NAME = N'OSSYS_USER' AND IS_ACTIVE = 1)${ofThese}`,
  );
  return logins.map(String).sort();
}

/** Rows by marker of one entity. */
export function rowsOf(reading: OracleReading, entity: string): ReadonlyMap<string, OracleRow> {
  const found = reading.entities.get(entity);
  if (found === undefined) throw new Error(`${entity} was not read`);
  return found;
}

/**
 * What a row of the source must look like in the destination under orphans: setNull and unmapped: setNull. Identifiers
 * that mean "none" stay as written; those that lead nowhere, or to what the destination lacks, are emptied.
 */
export function imageOf(row: OracleRow, lacks: ReadonlySet<string> = new Set()): OracleRow {
  return Object.fromEntries(Object.entries(row).map(([name, each]) => [name, imageOfValue(each, lacks)]));
}

function imageOfValue(each: OracleValue, lacks: ReadonlySet<string>): OracleValue {
  if (each === null || typeof each === 'string') return each;
  if (each.missing !== undefined) return each.missing === '0' || each.missing === '' ? each : null;
  return lacks.has(`${each.to}/${each.marker}`) ? null : each;
}
