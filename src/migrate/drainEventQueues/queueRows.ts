import type { RefreshPlan } from '../../plan/refreshPlan.js';
import { integerList, quoteTable } from '../../sqlserver/quoteName.js';

/** A platform table of the environment itself. */
export function platformTable(name: string): string {
  return quoteTable({ database: null, schema: 'dbo', table: name });
}

/**
 * T-SQL condition on a queue's row `q`: it belongs to an affected espace, process definition, or activity of one. Rows
 * of other applications are neither waited for nor touched.
 */
export function affectedQueueRow(plan: RefreshPlan): string {
  const { espaceIds, processDefinitionIds } = plan.queues;
  const conditions: string[] = [];
  if (espaceIds.length > 0) conditions.push(`q.ESPACE_ID IN (${integerList(espaceIds)})`);
  if (processDefinitionIds.length > 0) {
    const definitions = integerList(processDefinitionIds);
    conditions.push(
      `q.PROCESS_DEF_ID IN (${definitions})`,
      `q.ACTIVITY_ID IN (SELECT a.ID FROM ${platformTable('OSSYS_BPM_ACTIVITY')} a ` +
        `JOIN ${platformTable('OSSYS_BPM_PROCESS')} p ON p.ID = a.PROCESS_ID WHERE p.PROCESS_DEF_ID IN (${definitions}))`,
    );
  }
  return conditions.length === 0 ? '1 = 0' : `(${conditions.join(' OR ')})`;
}

/** One number: the affected rows of all queues. */
export function queuedSql(plan: RefreshPlan): string {
  const counts = plan.queues.tables.map(
    (table) => `(SELECT COUNT_BIG(*) FROM ${platformTable(table)} q WHERE ${affectedQueueRow(plan)})`,
  );
  return `SELECT ${counts.length === 0 ? '0' : counts.join(' + ')};`;
}

/** Deletes at most `rows` affected rows of one queue; answers how many. */
export function removeQueuedSql(
  plan: RefreshPlan,
  table: RefreshPlan['queues']['tables'][number],
  rows: number,
): string {
  return (
    `SET NOCOUNT ON;\nDELETE TOP (${rows}) q FROM ${platformTable(table)} q WHERE ${affectedQueueRow(plan)};\n` +
    'SELECT @@ROWCOUNT;'
  );
}
