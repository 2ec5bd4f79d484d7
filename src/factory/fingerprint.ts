import { canonicalHash } from '../plan/canonicalJson.js';
import { physicalTable, tableKey, type Factory, type PhysicalTable } from './factory.js';

/**
 * Hash over the part of a metamodel that concerns the modules: what a publish of one of them would change (trap 86),
 * and the foreign keys by which any table refers to theirs. Data (tenants, users, rows) is not in it, nor are other
 * modules: they may be published while a refresh runs.
 */
export function fingerprint(factory: Factory, moduleKeys: Iterable<string>): string {
  const keys = new Set(moduleKeys);
  const modules = factory.modules
    .filter((module) => module.active && keys.has(module.key))
    .sort(by((module) => module.ref));
  const refs = new Set(modules.map((module) => module.ref));
  const espaceIds = new Set(modules.filter((module) => module.kind === 'espace').map((module) => module.id));
  const entities = factory.entities
    .filter((entity) => refs.has(entity.module.ref))
    .sort(by((entity) => String(entity.id)));
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
    modules,
    entities: entities.map((entity) => ({ ...entity, module: entity.module.ref })),
    tables: tables.map(shape).sort(by((table) => tableKey(table.name))),
    inbound: inboundKeys(factory, names),
    staticRecords: factory.staticRecords.filter((record) => espaceIds.has(record.espaceId)),
    definitions,
    inputs: factory.processes.inputs.filter(within),
    outputs: factory.processes.outputs.filter(within),
    activities,
    activityOutputs: factory.processes.activityOutputs.filter((output) => activityIds.has(output.parentId)),
  });
}

/** Trust in constraints changes by loading, so it is no part of a table's shape. */
function shape(table: PhysicalTable) {
  return {
    ...table,
    foreignKeys: table.foreignKeys.map(({ trusted: _trusted, ...key }) => key).sort(by((key) => key.name)),
    uniqueIndexes: [...table.uniqueIndexes].sort(by((index) => index.name)),
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

function by<T>(key: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
}
