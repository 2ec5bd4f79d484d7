import { canonicalHash, canonicalJson } from '../plan/canonicalJson.js';
import { physicalTable, tableKey, type Factory, type PhysicalTable } from './factory.js';

/**
 * Hash over the part of a metamodel that concerns the modules: what a publish of one of them would change (trap 86),
 * and the foreign keys by which any table refers to theirs. Data (tenants, users, rows) is not in it, nor are other
 * modules: they may be published while a refresh runs.
 */
export function fingerprint(factory: Factory, moduleKeys: Iterable<string>): string {
  const keys = new Set(moduleKeys);
  const modules = factory.modules.filter((module) => module.active && keys.has(module.key));
  const refs = new Set(modules.map((module) => module.ref));
  const espaceIds = new Set(modules.filter((module) => module.kind === 'espace').map((module) => module.id));
  const entities = factory.entities.filter((entity) => refs.has(entity.module.ref));
  const tables = entities
    .flatMap((entity) => physicalTable(factory, entity.table) ?? [])
    .filter((table) => !/^ossys_/i.test(table.name.table));
  const names = new Set(tables.map((table) => tableKey(table.name)));
  const definitions = factory.processes.definitions.filter((definition) => espaceIds.has(definition.parentId));
  const definitionIds = new Set(definitions.map((definition) => definition.id));
  const within = (definition: { readonly parentId: number }): boolean => definitionIds.has(definition.parentId);
  const activities = factory.processes.activities.filter(within);
  const activityIds = new Set(activities.map((activity) => activity.id));
  return canonicalHash({
    modules: unordered(modules),
    entities: unordered(
      entities.map(({ module, attributes, ...entity }) => ({
        ...entity,
        module: module.ref,
        attributes: unordered(attributes),
      })),
    ),
    tables: unordered(tables.map(shape)),
    inbound: inboundKeys(factory, names),
    staticRecords: unordered(factory.staticRecords.filter((record) => espaceIds.has(record.espaceId))),
    definitions: unordered(definitions),
    inputs: unordered(factory.processes.inputs.filter(within)),
    outputs: unordered(factory.processes.outputs.filter(within)),
    activities: unordered(activities),
    activityOutputs: unordered(factory.processes.activityOutputs.filter((output) => activityIds.has(output.parentId))),
  });
}

/** Trust in constraints changes by loading, so it is no part of a table's shape. */
function shape(table: PhysicalTable) {
  return {
    ...table,
    foreignKeys: unordered(table.foreignKeys.map(({ trusted: _trusted, ...key }) => key)),
    uniqueIndexes: unordered(table.uniqueIndexes),
  };
}

function inboundKeys(factory: Factory, names: ReadonlySet<string>): string[] {
  return Object.values(factory.tables)
    .flatMap((table) =>
      table.foreignKeys
        .filter((key) => names.has(tableKey(key.referencedTable)))
        .map((key) => `${tableKey(table.name)}/${key.name}`),
    )
    .sort();
}

/** Rows come from the database in any order. */
function unordered(items: readonly unknown[]): string[] {
  return items.map(canonicalJson).sort();
}
