import { entityName, physicalColumn, physicalTable, tableKey, type PhysicalTable } from '../factory/factory.js';
import { isEntity, type FactoryIndex } from '../factory/factoryIndex.js';
import type { DraftEntity } from './draft.js';

/** A column of the destination that refers to a table whose rows would be deleted (trap 25). */
export interface InboundColumn {
  /** Espace.Entity, or the table where no active entity owns it: leftovers of deleted entities hold rows too. */
  readonly name: string;
  readonly table: PhysicalTable;
  readonly column: string;
  readonly nullable: boolean;
  /** Index of the entity referred to. */
  readonly target: number;
  /** Index of the entity that the column belongs to, if it moves itself. */
  readonly owner: number | null;
  /** True for an enabled foreign key; false for delete rule Ignore, which leaves a dangling value. */
  readonly enforced: boolean;
  readonly cascade: boolean;
}

/** Names one inbound column in the facts: table, column and the entity referred to. */
export function inboundKey(inbound: InboundColumn): string {
  return `${tableKey(inbound.table.name)}/${inbound.column.toLowerCase()}/${inbound.target}`;
}

/** Over the whole destination, from foreign keys and from the metamodel, each column once. */
export function inboundColumns(destination: FactoryIndex, entities: readonly DraftEntity[]): InboundColumn[] {
  const targets = new Map(entities.map((entity, index) => [tableKey(entity.destination.name), index]));
  const found = new Map<string, InboundColumn>();
  const add = (
    table: PhysicalTable,
    column: string,
    target: number,
    key: { readonly cascade: boolean } | null,
  ): void => {
    const physical = physicalColumn(table, column);
    const id = `${tableKey(table.name)}/${column.toLowerCase()}/${target}`;
    if (physical === null || (found.has(id) && key === null)) return;
    const [entity] = destination.entitiesOfTable(table.name);
    found.set(id, {
      name: entity === undefined ? table.name.table : entityName(entity),
      table,
      column: physical.name,
      nullable: physical.type.nullable,
      target,
      owner: targets.get(tableKey(table.name)) ?? null,
      enforced: key !== null,
      cascade: key?.cascade ?? false,
    });
  };
  for (const table of Object.values(destination.factory.tables)) {
    for (const key of table.foreignKeys) {
      const target = targets.get(tableKey(key.referencedTable));
      const [column] = key.columns;
      if (target !== undefined && key.enabled && column !== undefined && key.columns.length === 1) {
        add(table, column, target, { cascade: key.onDelete === 'cascade' });
      }
    }
  }
  for (const entity of destination.factory.entities) {
    const table = physicalTable(destination.factory, entity.table);
    if (table === null || entity.kind === 'clientEntity') continue;
    for (const attribute of entity.attributes) {
      if (attribute.column === null) continue;
      const to = destination.referenceOf(entity, attribute);
      if (to === null || to === 'unknown') continue;
      const target = targets.get(tableKey(isEntity(to) ? to.table : to));
      if (target !== undefined) add(table, attribute.column, target, null);
    }
  }
  return [...found.values()];
}

/** Enabled single-column foreign keys that lead to a table, its own included; `key` is the column referred to. */
export function enforcedInbound(
  destination: FactoryIndex,
  table: PhysicalTable,
): { readonly table: PhysicalTable; readonly column: string; readonly key: string }[] {
  const wanted = tableKey(table.name);
  return Object.values(destination.factory.tables).flatMap((other) =>
    other.foreignKeys.flatMap(({ columns, referencedColumns, referencedTable, enabled }) => {
      const [column] = columns;
      const [key] = referencedColumns;
      const leadsThere = enabled && columns.length === 1 && tableKey(referencedTable) === wanted;
      return leadsThere && column !== undefined && key !== undefined ? [{ table: other, column, key }] : [];
    }),
  );
}
