import type { ColumnType, TableName } from '../plan/refreshPlan.js';

/**
 * One environment's metamodel and catalogue as plain objects, read at one moment. Soft-deleted things are kept where
 * they explain something (a name that matches nothing active, a column that no active attribute owns) and are marked.
 */
export interface Factory {
  readonly applications: readonly Application[];
  readonly solutions: readonly Solution[];
  /** Espaces and extensions. */
  readonly modules: readonly Module[];
  /** Active entities of active modules. */
  readonly entities: readonly Entity[];
  /** Tables that a soft-deleted entity claims; two claims on one table are not loaded twice (trap 10). */
  readonly tombstones: readonly { readonly entity: string; readonly table: string }[];
  readonly staticRecords: readonly StaticRecord[];
  readonly tenants: readonly Tenant[];
  readonly roles: readonly Role[];
  readonly processes: ProcessModel;
  /** Every table of the databases that hold entities, by tableKey(). */
  readonly tables: Readonly<Record<string, PhysicalTable>>;
}

export interface Application {
  readonly id: number;
  readonly key: string;
  readonly name: string;
  readonly active: boolean;
  /** Module ids as moduleRef() names them. */
  readonly modules: readonly string[];
}

export interface Solution {
  readonly id: number;
  readonly name: string;
  readonly active: boolean;
  readonly modules: readonly string[];
}

export interface Module {
  /** espace:ID or extension:ID: the two kinds have id spaces of their own. */
  readonly ref: string;
  readonly kind: 'espace' | 'extension';
  readonly id: number;
  readonly key: string;
  readonly name: string;
  readonly active: boolean;
  readonly system: boolean;
}

export type EntityKind = 'entity' | 'staticEntity' | 'clientEntity';

export interface Entity {
  readonly id: number;
  readonly key: string;
  readonly name: string;
  readonly module: Module;
  readonly kind: EntityKind;
  readonly system: boolean;
  readonly external: boolean;
  /** As the metamodel names it; whether it exists: `tables`. */
  readonly table: TableName;
  readonly primaryKey: string | null;
  /** Active attributes. */
  readonly attributes: readonly Attribute[];
  /** Name of the table of event subscriptions, if the entity raises events and the table exists. */
  readonly eventTable: TableName | null;
  /** Column that holds the tenant of a row where no attribute shows it (trap 47); null: not multi-tenant. */
  readonly tenantColumn: string | null;
}

export interface Attribute {
  readonly key: string;
  readonly name: string;
  /** rtText …, or bt<espace>*<entity>. */
  readonly type: string;
  readonly length: number;
  readonly decimals: number;
  readonly mandatory: boolean;
  readonly autoNumber: boolean;
  readonly deleteRule: string;
  /** Name of the column as sys.columns spells it; null if the table lacks it. */
  readonly column: string | null;
  /** Entity id of rtEntityReference where the platform version records it. */
  readonly referencedEntityId: number | null;
}

export interface StaticRecord {
  readonly dataId: string;
  readonly name: string;
  readonly key: string;
  readonly entityKey: string;
  readonly espaceId: number;
  readonly active: boolean;
}

export interface Tenant {
  readonly id: number;
  readonly name: string;
  /** SS_Key of the user provider's espace. */
  readonly providerKey: string;
  readonly active: boolean;
}

export interface Role {
  readonly id: number;
  readonly key: string;
  readonly name: string;
  readonly espaceKey: string;
  readonly active: boolean;
}

/** Definitions belong to a parent: an espace, a process definition, an activity definition. */
export interface Definition {
  readonly id: number;
  readonly key: string;
  readonly name: string;
  readonly active: boolean;
  readonly parentId: number;
}

export interface ProcessModel {
  readonly definitions: readonly Definition[];
  readonly inputs: readonly Definition[];
  readonly outputs: readonly Definition[];
  readonly activities: readonly Definition[];
  readonly activityOutputs: readonly Definition[];
  readonly processStatuses: readonly Status[];
  readonly activityStatuses: readonly Status[];
}

export interface Status {
  readonly id: number;
  readonly name: string;
  readonly terminal: boolean;
}

export interface PhysicalTable {
  readonly name: TableName;
  readonly columns: readonly PhysicalColumn[];
  /** Unique indexes and constraints, the primary key among them. */
  readonly uniqueIndexes: readonly UniqueIndex[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly triggers: readonly { readonly name: string; readonly enabled: boolean }[];
}

export interface PhysicalColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly identity: boolean;
  readonly computed: boolean;
  readonly hasDefault: boolean;
}

export interface UniqueIndex {
  readonly name: string;
  readonly primaryKey: boolean;
  readonly filtered: boolean;
  readonly columns: readonly string[];
}

export interface ForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly referencedTable: TableName;
  readonly referencedColumns: readonly string[];
  readonly onDelete: 'noAction' | 'cascade' | 'setNull' | 'setDefault';
  readonly trusted: boolean;
  readonly enabled: boolean;
}

/** Tables compare without case, as the certified collations do. */
export function tableKey(name: TableName): string {
  return `${name.database ?? ''}.${name.schema}.${name.table}`.toLowerCase();
}

/** A table of the environment's own database and default schema. */
export function ownTable(table: string): TableName {
  return { database: null, schema: 'dbo', table };
}

/** SS_Keys are text, in any case (trap 4). */
export function foldKey(key: string): string {
  return key.trim().toLowerCase();
}

/** Column and entity names compare without case and accents (trap 13). */
export function foldName(name: string): string {
  return name
    .trim()
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase();
}

export function physicalTable(factory: Pick<Factory, 'tables'>, name: TableName): PhysicalTable | null {
  return factory.tables[tableKey(name)] ?? null;
}

export function physicalColumn(table: PhysicalTable | null, name: string | null): PhysicalColumn | null {
  if (table === null || name === null) return null;
  const folded = foldName(name);
  return table.columns.find((column) => foldName(column.name) === folded) ?? null;
}

/** Espace.Entity, as requests and reports name an entity. */
export function entityName(entity: Pick<Entity, 'name' | 'module'>): string {
  return `${entity.module.name}.${entity.name}`;
}

/** The key attribute of the entity: not always called Id (trap 14). */
export function keyAttribute(entity: Entity): Attribute | null {
  if (entity.primaryKey === null) return null;
  const wanted = foldKey(entity.primaryKey);
  return entity.attributes.find((attribute) => foldKey(attribute.key) === wanted) ?? null;
}

/**
 * The two SS_Keys of a type bt<espace>*<entity>, parsed by position (trap 2): 36 characters each, or, for the keys of
 * old environments that have another length, parted at the star. Null for every other type.
 */
export function parseReferenceType(type: string): { readonly espaceKey: string; readonly entityKey: string } | null {
  const text = type.trim();
  if (!/^bt/i.test(text)) return null;
  const star = text.charAt(38) === '*' ? 38 : text.indexOf('*');
  if (star < 3 || star === text.length - 1) return null;
  return { espaceKey: foldKey(text.slice(2, star)), entityKey: foldKey(text.slice(star + 1)) };
}
