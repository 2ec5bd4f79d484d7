import {
  entityName,
  ownTable,
  physicalColumn,
  physicalTable,
  tableKey,
  type PhysicalTable,
} from '../factory/factory.js';
import { isEntity, type FactoryIndex } from '../factory/factoryIndex.js';
import { processTables } from './platformNodes.js';
import type { PlannedUserReference, TableName } from './refreshPlan.js';

/** Rows of these go and come with their user. */
const ownedByUsers: ReadonlySet<string> = new Set(
  ['OSSYS_USER', 'OSSYS_USER_ROLE', 'OSSYS_GROUP_USER'].map((table) => tableKey(ownTable(table))),
);

/**
 * Every column of the destination that holds ids of users, by foreign keys, by the metamodel (delete rule Ignore leaves
 * no constraint) and by what the process tables are known to hold; memberships aside, each once.
 */
export function userReferences(destination: FactoryIndex): PlannedUserReference[] {
  const { factory } = destination;
  const users = tableKey(ownTable('OSSYS_USER'));
  const found = new Map<string, PlannedUserReference>();
  const add = (table: PhysicalTable | null, columnName: string | null, typed: PlannedUserReference['typed']): void => {
    const column = physicalColumn(table, columnName);
    if (table === null || column === null || ownedByUsers.has(tableKey(table.name))) return;
    const id = `${tableKey(table.name)}/${column.name.toLowerCase()}`;
    if (found.has(id)) return;
    const [entity] = destination.entitiesOfTable(table.name);
    const name = `${entity === undefined ? table.name.table : entityName(entity)}.${column.name}`;
    found.set(id, { name, table: table.name, column: column.name, typed });
  };
  for (const table of Object.values(factory.tables)) {
    for (const key of table.foreignKeys)
      if (key.enabled && key.columns.length === 1 && tableKey(key.referencedTable) === users)
        add(table, key.columns[0] ?? null, null);
  }
  for (const entity of factory.entities) {
    if (entity.kind === 'clientEntity') continue;
    for (const attribute of entity.attributes) {
      const to = destination.referenceOf(entity, attribute);
      if (to === null || to === 'unknown' || tableKey(isEntity(to) ? to.table : to) !== users) continue;
      add(physicalTable(factory, entity.table), attribute.column, null);
    }
  }
  const [userEntity] = destination.entitiesOfTable(ownTable('OSSYS_USER'));
  for (const { table, references, value } of processTables) {
    const physical = physicalTable(factory, ownTable(table));
    for (const [column, { kind }] of Object.entries(references)) if (kind === 'user') add(physical, column, null);
    if (value === undefined || userEntity === undefined) continue;
    const ssType = `bt${userEntity.module.key}*${userEntity.key}`;
    if (physicalColumn(physical, value.typeColumn) !== null)
      add(physical, value.column, { column: value.typeColumn, ssType });
  }
  return [...found.values()].sort((a, b) => compare(keyOf(a), keyOf(b)));
}

function keyOf({ table, column }: { readonly table: TableName; readonly column: string }): string {
  return `${tableKey(table)}/${column.toLowerCase()}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
