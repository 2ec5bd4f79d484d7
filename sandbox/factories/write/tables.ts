/** Application tables and event tables, with the constraint names and defaults that the platform gives them. */
import type { AttributeModel, AttributeType, EntityModel } from '../model.js';
import type { Owned } from '../modelIndex.js';
import { quote } from './connection.js';
import type { Target } from './target.js';

/** SQL Server cuts no names: the platform keeps them within 128 characters itself. */
function constraintName(...parts: readonly string[]): string {
  return quote(parts.join('_').slice(0, 128));
}

/** Application entities that have a table: deleted ones keep theirs. */
export function tableOwners(target: Target): Owned<EntityModel>[] {
  return target.index.entities.filter(({ item }) => !item.systemTable);
}

export function sqlType(type: Exclude<AttributeType, { readonly kind: 'reference' }>): string {
  switch (type.kind) {
    case 'text':
      return type.length > 2_000 ? 'nvarchar(max)' : `nvarchar(${type.length})`;
    case 'integer':
      return 'int';
    case 'longInteger':
      return 'bigint';
    case 'decimal':
      return `decimal(${type.length},${type.decimals})`;
    case 'currency':
      return 'decimal(37,8)';
    case 'boolean':
      return 'bit';
    case 'date':
    case 'time':
    case 'dateTime':
      return 'datetime';
    case 'phone':
      return 'varchar(20)';
    case 'email':
      return 'varchar(250)';
    case 'binary':
      return 'image';
  }
}

function defaultValue(type: AttributeType): string {
  switch (type.kind) {
    case 'text':
    case 'phone':
    case 'email':
      return `('')`;
    case 'integer':
    case 'longInteger':
    case 'decimal':
    case 'currency':
    case 'boolean':
      return '((0))';
    case 'date':
    case 'time':
    case 'dateTime':
      return `('19000101')`;
    case 'binary':
    case 'reference':
      return '(NULL)';
  }
}

/** CREATE TABLE of an entity: nothing but the primary key is NOT NULL, "mandatory" being no constraint. */
export function createTable(target: Target, owner: Owned<EntityModel>): string {
  const { table } = target.physical(owner);
  const key = target.index.primaryKey(owner.item);
  const columns = owner.item.attributes.map((attribute) => {
    const column = target.column(owner, attribute);
    const type = sqlType(target.index.storedType(attribute.type));
    if (attribute === key) {
      return `${quote(column)} ${type}${key.autoNumber ? ' IDENTITY(1,1)' : ''} NOT NULL CONSTRAINT ${constraintName('OSPRK', table)} PRIMARY KEY CLUSTERED`;
    }
    const preset = `CONSTRAINT ${constraintName('OSDFT', table, column)} DEFAULT ${defaultValue(attribute.type)}`;
    return `${quote(column)} ${type} ${attribute.notNull ? 'NOT NULL' : 'NULL'} ${preset}`;
  });
  if (owner.item.multiTenant)
    columns.push(`[TENANT_ID] int NULL CONSTRAINT ${constraintName('OSDFT', table, 'TENANT_ID')} DEFAULT (NULL)`);
  return `CREATE TABLE [dbo].${quote(table)} (${columns.join(', ')})`;
}

/** Indexes of an entity: those described, and one for each reference, as the platform adds them. */
export function createIndexes(target: Target, owner: Owned<EntityModel>): string[] {
  const { table } = target.physical(owner);
  const key = target.index.primaryKey(owner.item);
  const byName = (name: string): AttributeModel => {
    const found = owner.item.attributes.find((each) => each.active && each.name === name);
    if (!found) throw new Error(`${owner.path} has no attribute ${name}.`);
    return found;
  };
  const references = owner.item.attributes
    .filter((each) => each.active && each.type.kind === 'reference' && each !== key)
    .map((each) => ({ attributes: [each.name], unique: false }));
  const all = owner.item.active ? [...owner.item.indexes, ...references] : [];
  return all.map((index) => {
    const columns = index.attributes.map((name) => target.column(owner, byName(name)));
    if (owner.item.multiTenant) columns.push('TENANT_ID');
    const name = constraintName('OSIDX', table, columns.map((column) => `${column.length}${column}`).join('_'));
    return `CREATE ${index.unique ? 'UNIQUE ' : ''}NONCLUSTERED INDEX ${name} ON [dbo].${quote(table)} (${columns.map(quote).join(', ')})`;
  });
}

/**
 * Foreign keys for delete rules Protect and Delete (cascade); Ignore has none, nor has a reference into another database.
 * Deleted attributes and entities lose theirs.
 */
export function createForeignKeys(target: Target, owner: Owned<EntityModel>): string[] {
  const { table } = target.physical(owner);
  if (!owner.item.active) return [];
  return owner.item.attributes.flatMap((attribute) => {
    if (!attribute.active || attribute.type.kind !== 'reference' || attribute.deleteRule === 'Ignore') return [];
    const parent = target.index.entity(attribute.type.to);
    if (target.catalogOf(parent) !== target.catalogOf(owner)) return [];
    const parentTable = target.physical(parent).table;
    const column = target.column(owner, attribute);
    const name = constraintName('OSFRK', table, parentTable, column);
    const parentColumn = target.column(parent, target.index.primaryKey(parent.item));
    const rule = attribute.deleteRule === 'Delete' ? ' ON DELETE CASCADE' : '';
    return [
      `ALTER TABLE [dbo].${quote(table)} WITH CHECK ADD CONSTRAINT ${name} FOREIGN KEY (${quote(column)}) REFERENCES [dbo].${quote(parentTable)} (${quote(parentColumn)})${rule}`,
    ];
  });
}

export interface EventColumn {
  readonly attribute: AttributeModel;
  readonly column: string;
  readonly type: string;
}

/** The foreign-key columns that an event table filters on, after the entity's own key. */
export function eventColumns(target: Target, owner: Owned<EntityModel>): EventColumn[] {
  const key = target.index.primaryKey(owner.item);
  return owner.item.attributes
    .filter((each) => each.active && each.type.kind === 'reference' && each !== key)
    .map((attribute) => ({
      attribute,
      column: target.column(owner, attribute),
      type: sqlType(target.index.storedType(attribute.type)),
    }));
}

/** CREATE TABLE of an entity's event table (guide, Introduction to Data Migration: common structure, then the entity's keys). */
export function createEventTable(target: Target, owner: Owned<EntityModel>, eventTable: string): string {
  const key = sqlType(target.index.storedType(target.index.primaryKey(owner.item).type));
  const columns = [
    '[_ESPACE_ID] int NULL',
    '[_TENANT_ID] int NULL',
    '[_ACTIVITY_ID] int NULL',
    '[_PROCESS_DEF_ID] int NULL',
    '[_IS_UPDATE] bit NULL',
    '[_IS_LIGHT] bit NULL',
    `[ID] ${key} NULL`,
    ...eventColumns(target, owner).map((each) => `${quote(each.column)} ${each.type} NULL`),
  ];
  return `CREATE TABLE [dbo].${quote(eventTable)} (${columns.join(', ')})`;
}
