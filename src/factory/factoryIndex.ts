import {
  entityName,
  foldKey,
  keyAttribute,
  parseReferenceType,
  physicalTable,
  tableKey,
  type Attribute,
  type Entity,
  type Factory,
  type Module,
} from './factory.js';
import type { TableName } from '../plan/refreshPlan.js';

/** Looks things up in one environment by what identifies them: keys always together with the module's (trap 1). */
export class FactoryIndex {
  readonly factory: Factory;
  private readonly modulesByKey = new Map<string, Module>();
  private readonly modulesByRef = new Map<string, Module>();
  private readonly entitiesByKeys = new Map<string, Entity>();
  private readonly entitiesByTable = new Map<string, Entity[]>();
  private readonly entitiesById = new Map<number, Entity>();
  private readonly entitiesByName = new Map<string, Entity>();

  constructor(factory: Factory) {
    this.factory = factory;
    for (const module of factory.modules) {
      this.modulesByRef.set(module.ref, module);
      if (module.active) this.modulesByKey.set(module.key, module);
    }
    for (const entity of factory.entities) {
      this.entitiesByKeys.set(`${entity.module.key}*${entity.key}`, entity);
      this.entitiesById.set(entity.id, entity);
      this.entitiesByName.set(entityName(entity).toLowerCase(), entity);
      const table = tableKey(entity.table);
      this.entitiesByTable.set(table, [...(this.entitiesByTable.get(table) ?? []), entity]);
    }
  }

  /** An active module. */
  moduleByKey(key: string): Module | null {
    return this.modulesByKey.get(foldKey(key)) ?? null;
  }

  moduleByRef(ref: string): Module | null {
    return this.modulesByRef.get(ref) ?? null;
  }

  entityByKeys(moduleKey: string, entityKey: string): Entity | null {
    return this.entitiesByKeys.get(`${foldKey(moduleKey)}*${foldKey(entityKey)}`) ?? null;
  }

  /** Espace.Entity in any case, or the two SS_Keys with a star or a dot between them. */
  entityNamed(name: string): Entity | null {
    const byName = this.entitiesByName.get(name.toLowerCase());
    if (byName !== undefined) return byName;
    const [, module, entity] = /^([^.*]+)[.*](.+)$/.exec(name) ?? [];
    return module === undefined || entity === undefined ? null : this.entityByKeys(module, entity);
  }

  /** Active entities that claim the table; more than one only where the metamodel is broken (trap 10). */
  entitiesOfTable(table: TableName): readonly Entity[] {
    return this.entitiesByTable.get(tableKey(table)) ?? [];
  }

  /** The active entity that a type bt<espace>*<entity> names; null for other types and for what is gone. */
  entityOfType(type: string): Entity | null {
    const keys = parseReferenceType(type);
    return keys === null ? null : this.entityByKeys(keys.espaceKey, keys.entityKey);
  }

  /** What a column refers to: null if it is no reference, 'unknown' if what it refers to is not an active entity. */
  referenceOf(entity: Entity, attribute: Attribute): Entity | TableName | 'unknown' | null {
    if (parseReferenceType(attribute.type) !== null) return this.entityOfType(attribute.type) ?? 'unknown';
    if (attribute.referencedEntityId !== null) return this.entitiesById.get(attribute.referencedEntityId) ?? 'unknown';
    const byConstraint = this.referenceByConstraint(entity.table, attribute.column);
    if (byConstraint !== null) return byConstraint;
    return attribute.type.toLowerCase() === 'rtentityreference' ? 'unknown' : null;
  }

  /** The entity, or else the table, that an enabled single-column foreign key of the column leads to. */
  referenceByConstraint(table: TableName, column: string | null): Entity | TableName | null {
    if (column === null) return null;
    const key = physicalTable(this.factory, table)?.foreignKeys.find(
      (each) => each.enabled && each.columns.length === 1 && each.columns[0]?.toLowerCase() === column.toLowerCase(),
    );
    if (key === undefined) return null;
    return this.entitiesOfTable(key.referencedTable)[0] ?? key.referencedTable;
  }

  keyColumnOf(entity: Entity): string | null {
    return keyAttribute(entity)?.column ?? null;
  }
}

export function isEntity(target: Entity | TableName): target is Entity {
  return 'module' in target;
}
