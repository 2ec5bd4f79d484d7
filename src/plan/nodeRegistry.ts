import {
  foldKey,
  keyAttribute,
  ownTable,
  parseReferenceType,
  physicalColumn,
  physicalTable,
  type Entity,
  type Factory,
} from '../factory/factory.js';
import { isEntity, type FactoryIndex } from '../factory/factoryIndex.js';
import type { DraftNode } from './draft.js';
import { platformKinds, platformTableOf, processKinds } from './platformNodes.js';
import type { KeyOrigin, NodeKind, PhysicalKey, TableName } from './refreshPlan.js';

/** Gives every identifier space that the plan meets its number; the same space always gets the same one. */
export class NodeRegistry {
  readonly nodes: DraftNode[] = [];
  private readonly byKeys = new Map<string, DraftNode>();

  constructor(
    private readonly source: FactoryIndex,
    private readonly destination: FactoryIndex,
  ) {}

  /** The identifier space of an active entity of the source. Platform tables have one each, whoever describes them. */
  ofEntity(entity: Entity): DraftNode {
    const kind = platformKinds.get(entity.table.table.toUpperCase());
    if (kind !== undefined) return this.ofPlatform(kind);
    const counterpart = this.destination.entityByKeys(entity.module.key, entity.key);
    const known = this.byKeys.get(`${entity.module.key}*${entity.key}`);
    if (known !== undefined) return known;
    const isStatic = entity.kind === 'staticEntity';
    return this.add({
      kind: isStatic ? 'staticEntity' : 'entity',
      espace: entity.module.name,
      entity: entity.name,
      espaceKey: entity.module.key,
      entityKey: entity.key,
      keyAttributeKey: foldKey(entity.primaryKey ?? ''),
      source: keyOf(this.source.factory, entity),
      destination: counterpart === null ? null : keyOf(this.destination.factory, counterpart),
      sourceEntity: entity,
      destinationEntity: counterpart,
      origin: isStatic && counterpart?.kind === 'staticEntity' ? 'matched' : 'unavailable',
    });
  }

  ofPlatform(kind: NodeKind): DraftNode {
    const table = platformTableOf.get(kind) ?? kind;
    const known = this.byKeys.get(table);
    if (known !== undefined) return known;
    const entity = this.source.entitiesOfTable(ownTable(table))[0] ?? null;
    const isProcess = (processKinds as readonly NodeKind[]).includes(kind);
    const node = this.add({
      kind,
      espace: isProcess || entity === null ? 'Platform' : entity.module.name,
      entity: isProcess || entity === null ? table : entity.name,
      espaceKey: entity?.module.key ?? 'platform',
      entityKey: entity?.key ?? table,
      keyAttributeKey: entity === null ? 'ID' : foldKey(entity.primaryKey ?? 'ID'),
      source: platformKey(this.source.factory, table),
      destination: platformKey(this.destination.factory, table),
      sourceEntity: entity,
      destinationEntity: this.destination.entitiesOfTable(ownTable(table))[0] ?? null,
      origin: isProcess ? 'unavailable' : 'matched',
    });
    this.byKeys.set(table, node);
    return node;
  }

  /** A type that names no active entity: whatever is of it has no image. */
  ofUnknownType(type: string): DraftNode {
    const keys = parseReferenceType(type) ?? { espaceKey: 'unknown', entityKey: type.toLowerCase() };
    return (
      this.byKeys.get(`${keys.espaceKey}*${keys.entityKey}`) ??
      this.add({
        ...keys,
        kind: 'entity',
        espace: keys.espaceKey,
        entity: keys.entityKey,
        keyAttributeKey: '',
        source: null,
        destination: null,
        sourceEntity: null,
        destinationEntity: null,
        origin: 'unavailable',
      })
    );
  }

  /** A table that a foreign key leads to, with or without an entity; null for a table that is no identifier space. */
  ofTarget(target: Entity | TableName): DraftNode | null {
    if (isEntity(target)) return this.ofEntity(target);
    const kind = platformKinds.get(target.table.toUpperCase());
    return kind === undefined ? null : this.ofPlatform(kind);
  }

  private add(parts: Omit<DraftNode, 'node' | 'keyKind'> & { origin: KeyOrigin }): DraftNode {
    const type = parts.source?.type.name ?? 'bigint';
    const node: DraftNode = { ...parts, node: this.nodes.length, keyKind: isIntegerType(type) ? 'integer' : 'text' };
    this.nodes.push(node);
    this.byKeys.set(`${node.espaceKey}*${node.entityKey}`, node);
    return node;
  }
}

export function isIntegerType(type: string): boolean {
  return type === 'bigint' || type === 'int' || type === 'smallint' || type === 'tinyint';
}

export function isTextType(type: string): boolean {
  return ['nvarchar', 'varchar', 'nchar', 'char', 'uniqueidentifier'].includes(type);
}

export function nodeName(node: { readonly espace: string; readonly entity: string }): string {
  return `${node.espace}.${node.entity}`;
}

function keyOf(factory: Factory, entity: Entity): PhysicalKey | null {
  return physicalKey(factory, entity.table, keyAttribute(entity)?.column ?? null);
}

function platformKey(factory: Factory, table: string): PhysicalKey | null {
  return physicalKey(factory, ownTable(table), 'ID');
}

function physicalKey(factory: Factory, name: TableName, columnName: string | null): PhysicalKey | null {
  const table = physicalTable(factory, name);
  const column = physicalColumn(table, columnName);
  if (table === null || column === null) return null;
  return { table: table.name, column: column.name, type: column.type, identity: column.identity };
}
