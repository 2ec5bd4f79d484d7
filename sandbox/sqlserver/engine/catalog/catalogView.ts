import type { PostgresConnection } from '../../postgres/connection.js';
import { childName, databaseName, entityNames, objectName, schemaName, type CatalogStore } from './catalogStore.js';
import {
  entityKey,
  type DatabaseEntity,
  type Entity,
  type LoginEntity,
  type PermissionsEntity,
  type PrincipalEntity,
  type SchemaEntity,
  type TableEntity,
  type ViewEntity,
} from './entities.js';
import { flatten } from './flatten.js';
import { nameKey, serverCollation } from './names.js';

export const tempdbId = 2;

/** What a rollback to here brings back. */
export interface CatalogMark {
  readonly changes: ReadonlyMap<string, Entity | null>;
  readonly temporary: ReadonlyMap<string, TableEntity>;
}

/**
 * The catalog as one session sees it: what is committed, under its own uncommitted changes and its temporary tables.
 * Both are kept in maps that are never changed in place, so a mark of a savepoint costs nothing.
 */
export class CatalogView {
  private changes: ReadonlyMap<string, Entity | null> = new Map();
  private temporary: ReadonlyMap<string, TableEntity> = new Map();

  constructor(
    readonly store: CatalogStore,
    private readonly connection: PostgresConnection,
  ) {}

  mark(): CatalogMark {
    return { changes: this.changes, temporary: this.temporary };
  }

  restore(mark: CatalogMark): void {
    this.changes = mark.changes;
    this.temporary = mark.temporary;
  }

  /** The transaction was committed: its changes are now everybody's. */
  publish(): void {
    if (this.changes.size === 0) return;
    this.store.apply(this.changes);
    this.changes = new Map();
  }

  get hasUncommittedChanges(): boolean {
    return this.changes.size > 0;
  }

  /** Writes an entity, in the session's PostgreSQL transaction. */
  async put(entity: Entity): Promise<void> {
    const key = entityKey(entity);
    const fresh = this.get(key) === undefined;
    const rows = JSON.stringify(flatten(entity));
    await this.connection.query({
      text: 'select sandbox.put_entity($1, $2::boolean, $3::jsonb, $4::jsonb)',
      parameterTypes: [25, 25, 25, 25],
      parameters: [key, fresh ? 'true' : 'false', JSON.stringify(entity), rows],
      resultFormats: [],
      keep: true,
    });
    if (entity.kind === 'table' && entity.temporary !== undefined) {
      this.temporary = new Map(this.temporary).set(key, entity);
    } else {
      this.changes = new Map(this.changes).set(key, entity);
    }
  }

  /** Deletes an entity, in the session's PostgreSQL transaction. */
  async delete(entity: Entity): Promise<void> {
    const key = entityKey(entity);
    await this.connection.rows('select sandbox.delete_entity($1)', [key]);
    if (this.temporary.has(key)) {
      const temporary = new Map(this.temporary);
      temporary.delete(key);
      this.temporary = temporary;
    } else {
      this.changes = new Map(this.changes).set(key, null);
    }
  }

  get(key: string): Entity | undefined {
    const changed = this.changes.get(key);
    if (changed !== undefined) return changed ?? undefined;
    if (this.changes.has(key)) return undefined;
    return this.temporary.get(key) ?? this.store.get(key);
  }

  private find(name: string): Entity | undefined {
    for (const entity of this.changes.values()) {
      if (entity !== null && entityNames(entity, this.collationOf).includes(name)) return entity;
    }
    const committed = this.store.find(name);
    if (committed === undefined) return undefined;
    return this.changes.has(entityKey(committed)) ? undefined : committed;
  }

  collationOf = (databaseId: number): string => this.databaseById(databaseId)?.collation ?? serverCollation;

  database(name: string): DatabaseEntity | undefined {
    return this.find(databaseName(name)) as DatabaseEntity | undefined;
  }

  databaseById(id: number): DatabaseEntity | undefined {
    return this.get(`database:${id}`) as DatabaseEntity | undefined;
  }

  schema(databaseId: number, name: string): SchemaEntity | undefined {
    return this.find(schemaName(databaseId, name, this.collationOf(databaseId))) as SchemaEntity | undefined;
  }

  schemaById(databaseId: number, id: number): SchemaEntity | undefined {
    return this.get(`schema:${databaseId}:${id}`) as SchemaEntity | undefined;
  }

  object(databaseId: number, schemaId: number, name: string): TableEntity | ViewEntity | undefined {
    const key = objectName(databaseId, schemaId, name, this.collationOf(databaseId));
    return this.find(key) as TableEntity | ViewEntity | undefined;
  }

  objectById(databaseId: number, objectId: number): TableEntity | ViewEntity | undefined {
    return this.get(`object:${databaseId}:${objectId}`) as TableEntity | ViewEntity | undefined;
  }

  /** The table that has a constraint or trigger of this name. */
  ownerOf(databaseId: number, schemaId: number, name: string): TableEntity | undefined {
    const key = childName(databaseId, schemaId, name, this.collationOf(databaseId));
    return this.find(key) as TableEntity | undefined;
  }

  login(name: string): LoginEntity | undefined {
    return this.find(`login ${nameKey(name)}`) as LoginEntity | undefined;
  }

  loginById(id: number): LoginEntity | undefined {
    return this.get(`login:${id}`) as LoginEntity | undefined;
  }

  principal(databaseId: number, name: string): PrincipalEntity | undefined {
    const key = nameKey(name, this.collationOf(databaseId));
    return this.find(`principal ${databaseId} ${key}`) as PrincipalEntity | undefined;
  }

  principalById(databaseId: number, id: number): PrincipalEntity | undefined {
    return this.get(`principal:${databaseId}:${id}`) as PrincipalEntity | undefined;
  }

  permissions(databaseId: number): PermissionsEntity {
    const entity = this.get(`permissions:${databaseId}`) as PermissionsEntity | undefined;
    return entity ?? { kind: 'permissions', databaseId, entries: [] };
  }

  /** The temporary table or table variable of this name in the innermost scope that has one. */
  temporaryTable(name: string): TableEntity | undefined {
    const wanted = nameKey(name);
    let found: TableEntity | undefined;
    for (const table of this.temporary.values()) {
      if (nameKey(table.name) !== wanted) continue;
      if (found === undefined || scopeOf(table) > scopeOf(found)) found = table;
    }
    return found;
  }

  temporaryTables(): Iterable<TableEntity> {
    return this.temporary.values();
  }

  /** Tables and views of a database. */
  *objects(databaseId: number): Iterable<TableEntity | ViewEntity> {
    for (const entity of this.store.objects(databaseId)) {
      if (!this.changes.has(entityKey(entity))) yield entity;
    }
    for (const entity of this.changes.values()) {
      if (entity !== null && (entity.kind === 'table' || entity.kind === 'view') && entity.databaseId === databaseId) {
        yield entity;
      }
    }
  }

  /** All entities of one kind that the session sees. */
  *ofKind<Kind extends Entity['kind']>(kind: Kind): Iterable<Extract<Entity, { kind: Kind }>> {
    for (const entity of this.store.ofKind(kind)) {
      if (!this.changes.has(entityKey(entity))) yield entity;
    }
    for (const entity of this.changes.values()) {
      if (entity !== null && entity.kind === kind) yield entity as Extract<Entity, { kind: Kind }>;
    }
  }
}

function scopeOf(table: TableEntity): number {
  return table.temporary?.scope ?? 0;
}
