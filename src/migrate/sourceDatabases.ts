import type { RefreshPlan, TableName } from '../plan/refreshPlan.js';

/** Names of the databases beside the platform's own that a refresh reads production's tables from (trap 88). */
export function sourceDatabases(plan: RefreshPlan): string[] {
  const tables: readonly (TableName | undefined)[] = [
    ...plan.entities.map(({ sourceTable }) => sourceTable),
    ...plan.nodes.map(({ source }) => source?.table),
    ...plan.eventTables.map(({ source }) => source ?? undefined),
  ];
  return [...new Set(tables.flatMap((table) => table?.database ?? []))];
}
