import type { PostgresConnection } from '../../postgres/connection.js';
import { entityKey, type DatabaseEntity, type Entity, type TableEntity, type ViewEntity } from './entities.js';
import { nameKey } from './names.js';

/** A change of the catalog: null deletes. */
export type Changes = ReadonlyMap<string, Entity | null>;

/** Names under which an entity can be found. Objects' constraints and triggers share the names of their schema. */
export function entityNames(entity: Entity, collationOf: (databaseId: number) => string): string[] {
  switch (entity.kind) {
    case 'database':
      return [databaseName(entity.name)];
    case 'schema':
      return [schemaName(entity.databaseId, entity.name, collationOf(entity.databaseId))];
    case 'table':
    case 'view': {
      const collation = collationOf(entity.databaseId);
      const names = [objectName(entity.databaseId, entity.schemaId, entity.name, collation)];
      if (entity.kind === 'view') return names;
      for (const child of childNames(entity)) {
        names.push(childName(entity.databaseId, entity.schemaId, child, collation));
      }
      return names;
    }
    case 'login':
      return [`login ${nameKey(entity.name)}`];
    case 'principal':
      return [`principal ${entity.databaseId} ${nameKey(entity.name, collationOf(entity.databaseId))}`];
    case 'permissions':
      return [];
  }
}

export function databaseName(name: string): string {
  return `database ${nameKey(name)}`;
}

export function schemaName(databaseId: number, name: string, collation: string): string {
  return `schema ${databaseId} ${nameKey(name, collation)}`;
}

export function objectName(databaseId: number, schemaId: number, name: string, collation: string): string {
  return `object ${databaseId} ${schemaId} ${nameKey(name, collation)}`;
}

export function childName(databaseId: number, schemaId: number, name: string, collation: string): string {
  return `child ${databaseId} ${schemaId} ${nameKey(name, collation)}`;
}

/** Names of a table's constraints and triggers. */
export function childNames(table: TableEntity): string[] {
  const names = [...table.foreignKeys, ...table.checks, ...table.triggers].map((child) => child.name);
  for (const column of table.columns) if (column.default !== undefined) names.push(column.default.name);
  for (const index of table.indexes) if (index.constraint !== undefined) names.push(index.constraint.name);
  return names;
}

/** The committed catalog, shared by all sessions of the engine. */
export class CatalogStore {
  private readonly entities = new Map<string, Entity>();
  private readonly keysByName = new Map<string, string>();
  private readonly objectsByDatabase = new Map<number, Set<string>>();
  private readonly byKind = new Map<Entity['kind'], Map<string, Entity>>();
  private lastObjectId = 245_575_913;
  private lastTemporaryId = -1_000_000_007;
  private lastDatabaseId = 4;
  private lastLoginId = 258;

  /** Loads all entities from PostgreSQL. */
  async load(connection: PostgresConnection): Promise<void> {
    const rows = await connection.rows("select document::text from sandbox.entity order by key like 'database:%' desc");
    for (const [document] of rows) this.apply(new Map([toEntry(JSON.parse(document ?? '') as Entity)]));
    const [newest] = await connection.rows('select max(database_id) from sandbox.database');
    this.lastDatabaseId = Math.max(this.lastDatabaseId, Number(newest?.[0] ?? 0));
    for (const { id } of this.ofKind('login')) this.lastLoginId = Math.max(this.lastLoginId, id);
    const [largest] = await connection.rows('select max(object_id) from sandbox.object');
    this.lastObjectId = Math.max(this.lastObjectId, Number(largest?.[0] ?? 0));
  }

  /** Identifiers are never used again, also when the transaction that took one is rolled back. */
  nextObjectId(): number {
    this.lastObjectId += 16;
    return this.lastObjectId;
  }

  /** Not that of a database whose creation is under way. */
  nextDatabaseId(): number {
    this.lastDatabaseId += 1;
    return this.lastDatabaseId;
  }

  /** Not that of a login whose creation is under way. */
  nextLoginId(): number {
    this.lastLoginId += 1;
    return this.lastLoginId;
  }

  nextTemporaryId(): number {
    this.lastTemporaryId -= 16;
    return this.lastTemporaryId;
  }

  get(key: string): Entity | undefined {
    return this.entities.get(key);
  }

  find(name: string): Entity | undefined {
    const key = this.keysByName.get(name);
    return key === undefined ? undefined : this.entities.get(key);
  }

  /** Tables and views of a database. */
  *objects(databaseId: number): Iterable<TableEntity | ViewEntity> {
    for (const key of this.objectsByDatabase.get(databaseId) ?? []) {
      yield this.entities.get(key) as TableEntity | ViewEntity;
    }
  }

  ofKind<Kind extends Entity['kind']>(kind: Kind): Iterable<Extract<Entity, { kind: Kind }>> {
    return (this.byKind.get(kind)?.values() ?? []) as Iterable<Extract<Entity, { kind: Kind }>>;
  }

  collationOf = (databaseId: number): string => {
    const database = this.entities.get(`database:${databaseId}`) as DatabaseEntity | undefined;
    if (database === undefined) throw new Error(`There is no database ${databaseId}.`);
    return database.collation;
  };

  /** Takes over the changes of a committed transaction. */
  apply(changes: Changes): void {
    // Databases come first, for their collation rules the names of what is in them; they go last.
    const ordered = [...changes].sort((a, b) => rank(a) - rank(b));
    for (const [key, entity] of ordered) {
      const previous = this.entities.get(key);
      if (previous !== undefined) this.forget(key, previous);
      if (entity === null) continue;
      this.entities.set(key, entity);
      let alike = this.byKind.get(entity.kind);
      if (alike === undefined) this.byKind.set(entity.kind, (alike = new Map()));
      alike.set(key, entity);
      for (const name of entityNames(entity, this.collationOf)) this.keysByName.set(name, key);
      if (entity.kind !== 'table' && entity.kind !== 'view') continue;
      let keys = this.objectsByDatabase.get(entity.databaseId);
      if (keys === undefined) this.objectsByDatabase.set(entity.databaseId, (keys = new Set()));
      keys.add(key);
    }
  }

  private forget(key: string, entity: Entity): void {
    for (const name of entityNames(entity, this.collationOf)) {
      if (this.keysByName.get(name) === key) this.keysByName.delete(name);
    }
    this.entities.delete(key);
    this.byKind.get(entity.kind)?.delete(key);
    if (entity.kind === 'table' || entity.kind === 'view') this.objectsByDatabase.get(entity.databaseId)?.delete(key);
  }
}

function rank([key, entity]: [string, Entity | null]): number {
  const isDatabase = key.startsWith('database:');
  if (entity === null) return isDatabase ? 3 : 2;
  return isDatabase ? 0 : 1;
}

function toEntry(entity: Entity): [string, Entity] {
  return [entityKey(entity), entity];
}
