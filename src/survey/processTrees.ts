import { integerList } from '../sqlserver/quoteName.js';
import { integer, text } from '../factory/rowValues.js';
import type { Outline } from '../plan/outline.js';
import { missingInUse, type MissingDefinitions, type ProcessOutline } from '../plan/processOutline.js';
import type { ValueReference } from '../plan/scope.js';
import type { ReadDatabase } from '../sqlserver/readDatabase.js';
import type { ProcessFacts } from './facts.js';

/** The process at the top of the tree that the row of `alias` belongs to; 0 and NULL both mean "itself". */
export function topProcessOf(alias: string): string {
  return `COALESCE(NULLIF(${alias}.TOP_PROCESS_ID, 0), ${alias}.ID)`;
}

/** Types of values in process instances that name an entity, by the definition at the top of the tree. */
export async function surveyValueTypes(db: ReadDatabase): Promise<ValueReference[]> {
  const tables = [
    `SELECT DISTINCT t.PROCESS_DEF_ID AS definition_id, v.SS_TYPE AS value_type FROM dbo.OSSYS_BPM_PROCESS_INPUT v
INNER JOIN dbo.OSSYS_BPM_PROCESS p ON p.ID = v.PROCESS_ID INNER JOIN dbo.OSSYS_BPM_PROCESS t ON t.ID = ${topProcessOf('p')} WHERE v.SS_TYPE LIKE N'bt%'`,
    `SELECT DISTINCT t.PROCESS_DEF_ID AS definition_id, v.SS_TYPE AS value_type FROM dbo.OSSYS_BPM_PROCESS_OUTPUT v
INNER JOIN dbo.OSSYS_BPM_PROCESS p ON p.ID = v.PROCESS_ID INNER JOIN dbo.OSSYS_BPM_PROCESS t ON t.ID = ${topProcessOf('p')} WHERE v.SS_TYPE LIKE N'bt%'`,
    `SELECT DISTINCT t.PROCESS_DEF_ID AS definition_id, v.SS_TYPE AS value_type FROM dbo.OSSYS_BPM_ACTIVITY_OUTPUT v
INNER JOIN dbo.OSSYS_BPM_ACTIVITY a ON a.ID = v.ACTIVITY_ID INNER JOIN dbo.OSSYS_BPM_PROCESS p ON p.ID = a.PROCESS_ID
INNER JOIN dbo.OSSYS_BPM_PROCESS t ON t.ID = ${topProcessOf('p')} WHERE v.SS_TYPE LIKE N'bt%'`,
  ];
  const found = new Map<string, ValueReference>();
  for (const statement of tables) {
    for (const row of await db.query(statement)) {
      const value = { topDefinitionId: integer(row, 'definition_id'), ssType: text(row, 'value_type') };
      found.set(`${value.topDefinitionId}/${value.ssType}`, value);
    }
  }
  return [...found.values()].sort((a, b) => a.topDefinitionId - b.topDefinitionId || (a.ssType < b.ssType ? -1 : 1));
}

export async function surveyProcesses(db: ReadDatabase, processes: ProcessOutline): Promise<ProcessFacts> {
  const used = await db.query('SELECT DISTINCT PROCESS_DEF_ID AS definition_id FROM dbo.OSSYS_BPM_PROCESS');
  const usedActivities = await db.query('SELECT DISTINCT ACTIVITY_DEF_ID AS definition_id FROM dbo.OSSYS_BPM_ACTIVITY');
  const facts = {
    usedDefinitionIds: used.map((row) => integer(row, 'definition_id')),
    usedActivityDefinitionIds: usedActivities.map((row) => integer(row, 'definition_id')),
  };
  const missing = missingInUse(processes, facts);
  const [all] = await db.query(
    `SELECT COUNT_BIG(*) AS trees FROM dbo.OSSYS_BPM_PROCESS p WHERE ${isTop('p')} AND ${wanted(processes, 'p')}`,
  );
  const [left] = missing.none
    ? [{ trees: 0 }]
    : await db.query(
        `SELECT COUNT_BIG(*) AS trees FROM dbo.OSSYS_BPM_PROCESS p WHERE ${isTop('p')} AND ${wanted(processes, 'p')} AND NOT (${complete(missing, 'p.ID')})`,
      );
  return { ...facts, trees: integer(all ?? {}, 'trees'), treesLeftBehind: integer(left ?? {}, 'trees') };
}

/** Which trees are meant, by their top process. */
export type TreeSelection = Pick<ProcessOutline, 'topDefinitionIds' | 'topStatusIds' | 'topTenantIds'>;

/** Rows of a process table that belong to a tree that moves; `alias` is the row's. */
export function movedProcessCondition(
  processes: TreeSelection,
  missing: MissingDefinitions,
  path: 'own' | 'PROCESS_ID' | 'ACTIVITY_ID',
  alias: string,
): string {
  const tree = (process: string): string =>
    `EXISTS (SELECT 1 FROM dbo.OSSYS_BPM_PROCESS top_process WHERE top_process.ID = ${topProcessOf(process)} AND ${wanted(processes, 'top_process')}${
      missing.none ? '' : ` AND ${complete(missing, 'top_process.ID')}`
    })`;
  if (path === 'own') return tree(alias);
  if (path === 'PROCESS_ID')
    return `EXISTS (SELECT 1 FROM dbo.OSSYS_BPM_PROCESS own_process WHERE own_process.ID = ${alias}.PROCESS_ID AND ${tree('own_process')})`;
  return `EXISTS (SELECT 1 FROM dbo.OSSYS_BPM_ACTIVITY own_activity INNER JOIN dbo.OSSYS_BPM_PROCESS own_process ON own_process.ID = own_activity.PROCESS_ID WHERE own_activity.ID = ${alias}.ACTIVITY_ID AND ${tree('own_process')})`;
}

/** Rows of a process table of the destination that belong to instances of the given definitions. */
export function instancesOfDefinitions(
  definitionIds: readonly number[],
  path: 'own' | 'PROCESS_ID' | 'ACTIVITY_ID',
  alias: string,
): string {
  const ids = integerList(definitionIds);
  if (path === 'own') return `${alias}.PROCESS_DEF_ID IN (${ids})`;
  if (path === 'PROCESS_ID') {
    return `EXISTS (SELECT 1 FROM dbo.OSSYS_BPM_PROCESS own_process WHERE own_process.ID = ${alias}.PROCESS_ID AND own_process.PROCESS_DEF_ID IN (${ids}))`;
  }
  return `EXISTS (SELECT 1 FROM dbo.OSSYS_BPM_ACTIVITY own_activity INNER JOIN dbo.OSSYS_BPM_PROCESS own_process ON own_process.ID = own_activity.PROCESS_ID WHERE own_activity.ID = ${alias}.ACTIVITY_ID AND own_process.PROCESS_DEF_ID IN (${ids}))`;
}

/** Instances of the destination whose tree has definitions inside and outside the given ones: deleting would tear it. */
export async function countTornInstances(db: ReadDatabase, definitionIds: readonly number[]): Promise<number> {
  if (definitionIds.length === 0) return 0;
  const ids = integerList(definitionIds);
  const [row] = await db.query(
    `SELECT COUNT_BIG(*) AS torn FROM dbo.OSSYS_BPM_PROCESS p INNER JOIN dbo.OSSYS_BPM_PROCESS t ON t.ID = ${topProcessOf('p')}
WHERE (p.PROCESS_DEF_ID IN (${ids}) AND t.PROCESS_DEF_ID NOT IN (${ids})) OR (p.PROCESS_DEF_ID NOT IN (${ids}) AND t.PROCESS_DEF_ID IN (${ids}))`,
  );
  return integer(row ?? {}, 'torn');
}

export function processesMove(outline: Outline): outline is Outline & { processes: ProcessOutline } {
  return outline.processes !== null && outline.processes.topDefinitionIds.length > 0;
}

function isTop(alias: string): string {
  return `${topProcessOf(alias)} = ${alias}.ID`;
}

function wanted(processes: TreeSelection, alias: string): string {
  const status =
    processes.topStatusIds === null ? '' : ` AND ${alias}.STATUS_ID IN (${integerList(processes.topStatusIds)})`;
  const tenant =
    processes.topTenantIds === null ? '' : ` AND ${alias}.TENANT_ID IN (${integerList(processes.topTenantIds)})`;
  return `${alias}.PROCESS_DEF_ID IN (${integerList(processes.topDefinitionIds)})${status}${tenant}`;
}

/** No process and no activity of the tree has a definition that is missing. */
function complete(missing: MissingDefinitions, top: string): string {
  const conditions: string[] = [];
  if (missing.processes.length > 0) {
    conditions.push(
      `NOT EXISTS (SELECT 1 FROM dbo.OSSYS_BPM_PROCESS tree_process WHERE ${topProcessOf('tree_process')} = ${top} AND tree_process.PROCESS_DEF_ID IN (${integerList(missing.processes)}))`,
    );
  }
  if (missing.activities.length > 0) {
    conditions.push(
      `NOT EXISTS (SELECT 1 FROM dbo.OSSYS_BPM_ACTIVITY tree_activity INNER JOIN dbo.OSSYS_BPM_PROCESS activity_process ON activity_process.ID = tree_activity.PROCESS_ID WHERE ${topProcessOf('activity_process')} = ${top} AND tree_activity.ACTIVITY_DEF_ID IN (${integerList(missing.activities)}))`,
    );
  }
  return conditions.join(' AND ');
}
