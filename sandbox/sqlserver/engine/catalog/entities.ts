import type { SqlType } from '../api.js';

/**
 * SQL Server's metadata as the engine keeps it. Entities are immutable: a change makes a new object, so that an object's
 * identity tells whether what was derived from it still holds. Times are datetime values (1/300 s since 1900-01-01).
 */
export type Entity =
  DatabaseEntity | SchemaEntity | TableEntity | ViewEntity | LoginEntity | PrincipalEntity | PermissionsEntity;

export interface DatabaseEntity {
  readonly kind: 'database';
  readonly id: number;
  readonly name: string;
  readonly collation: string;
  readonly createDate: string;
  readonly snapshotIsolation: boolean;
  readonly readCommittedSnapshot: boolean;
  readonly recoveryModel: 'FULL' | 'SIMPLE' | 'BULK_LOGGED';
  readonly compatibilityLevel: number;
  readonly readOnly: boolean;
  readonly userAccess: 'MULTI_USER' | 'SINGLE_USER' | 'RESTRICTED_USER';
  readonly ownerLogin: number;
}

export interface SchemaEntity {
  readonly kind: 'schema';
  readonly databaseId: number;
  readonly id: number;
  readonly name: string;
  readonly ownerId: number;
}

interface SchemaObject {
  readonly databaseId: number;
  readonly objectId: number;
  readonly schemaId: number;
  readonly name: string;
  readonly createDate: string;
  readonly modifyDate: string;
}

export interface TableEntity extends SchemaObject {
  readonly kind: 'table';
  /** Quoted, schema-qualified PostgreSQL relation. */
  readonly postgresName: string;
  readonly columns: readonly ColumnEntity[];
  readonly nextColumnId: number;
  readonly indexes: readonly IndexEntity[];
  readonly foreignKeys: readonly ForeignKeyEntity[];
  readonly checks: readonly CheckEntity[];
  readonly triggers: readonly TriggerEntity[];
  readonly lockEscalation: 'AUTO' | 'TABLE' | 'DISABLE';
  /** Of #temp tables and table variables: the session, and the scope that ends them. */
  readonly temporary?: { readonly spid: number; readonly scope: number };
}

export interface ColumnEntity {
  readonly id: number;
  readonly name: string;
  /** Quoted PostgreSQL column. */
  readonly postgresName: string;
  readonly type: SqlType;
  /** Alias of the type in sys.columns.user_type_id: only sysname. */
  readonly userType?: 'sysname';
  readonly nullable: boolean;
  readonly rowGuid: boolean;
  readonly identity?: IdentityEntity;
  readonly default?: DefaultEntity;
  readonly computed?: { readonly definition: string; readonly persisted: boolean };
}

export interface IdentityEntity {
  /** Decimal notation, since entities are kept as JSON. */
  readonly seed: string;
  readonly increment: string;
  readonly sequence: string;
  readonly notForReplication: boolean;
}

interface ConstraintEntity {
  readonly objectId: number;
  readonly name: string;
  readonly systemNamed: boolean;
  readonly createDate: string;
}

export interface DefaultEntity extends ConstraintEntity {
  /** As sys.default_constraints shows it: in parentheses. */
  readonly definition: string;
  /** PostgreSQL expression. */
  readonly postgresExpression: string;
}

export interface IndexEntity {
  readonly id: number;
  readonly name: string;
  /** Unquoted name of the PostgreSQL index; unique in the PostgreSQL schema. */
  readonly postgresName: string;
  readonly unique: boolean;
  readonly clustered: boolean;
  /** Of indexes that a constraint made. */
  readonly constraint?: ConstraintEntity & { readonly type: 'PK' | 'UQ' };
  readonly columns: readonly { readonly columnId: number; readonly descending: boolean }[];
  readonly included: readonly number[];
  readonly filter?: string;
  readonly ignoreDuplicates: boolean;
}

export type ReferentialAction = 'noAction' | 'cascade' | 'setNull' | 'setDefault';

export interface ForeignKeyEntity extends ConstraintEntity {
  /** Unquoted name of the PostgreSQL constraint. */
  readonly postgresName: string;
  readonly columns: readonly { readonly columnId: number; readonly referencedColumnId: number }[];
  readonly referencedObjectId: number;
  readonly referencedIndexId: number;
  readonly onDelete: ReferentialAction;
  readonly onUpdate: ReferentialAction;
  readonly disabled: boolean;
  readonly notTrusted: boolean;
  readonly notForReplication: boolean;
}

export interface CheckEntity extends ConstraintEntity {
  readonly postgresName: string;
  /** As sys.check_constraints shows it: in parentheses. */
  readonly definition: string;
  readonly postgresExpression: string;
  /** 0: a constraint of the table. */
  readonly columnId: number;
  readonly disabled: boolean;
  readonly notTrusted: boolean;
  readonly notForReplication: boolean;
}

export interface TriggerEntity {
  readonly objectId: number;
  readonly name: string;
  readonly createDate: string;
  readonly modifyDate: string;
  readonly definition: string;
  readonly events: readonly ('insert' | 'update' | 'delete')[];
  readonly disabled: boolean;
  readonly notForReplication: boolean;
}

export interface ViewEntity extends SchemaObject {
  readonly kind: 'view';
  /** The whole CREATE VIEW statement. */
  readonly definition: string;
  readonly columns: readonly ColumnEntity[];
  readonly schemaBinding: boolean;
  readonly checkOption: boolean;
}

export interface LoginEntity {
  readonly kind: 'login';
  readonly id: number;
  readonly name: string;
  /** 'R' server roles have no password. */
  readonly type: 'S' | 'R';
  /** salt:scrypt hash, hexadecimal. */
  readonly passwordHash: string;
  readonly defaultDatabase: string;
  readonly disabled: boolean;
  readonly createDate: string;
  /** Ids of the fixed server roles that it is a member of. */
  readonly roles: readonly number[];
}

export interface PrincipalEntity {
  readonly kind: 'principal';
  readonly databaseId: number;
  readonly id: number;
  readonly name: string;
  readonly type: 'S' | 'R';
  readonly fixedRole: boolean;
  readonly defaultSchema: string | null;
  /** Login that maps to the user; null for roles and users without login. */
  readonly loginId: number | null;
  readonly owningPrincipal: number | null;
  readonly createDate: string;
  /** Roles that it is a member of. */
  readonly roles: readonly number[];
}

export interface PermissionEntity {
  /** 0 database, 1 object or column, 3 schema; 100 server. */
  readonly class: number;
  readonly majorId: number;
  readonly minorId: number;
  readonly grantee: number;
  readonly grantor: number;
  /** Upper case. */
  readonly permission: string;
  readonly state: 'grant' | 'grantWithGrantOption' | 'deny';
}

/** All explicit permissions of a database; of the server with databaseId 0. */
export interface PermissionsEntity {
  readonly kind: 'permissions';
  readonly databaseId: number;
  readonly entries: readonly PermissionEntity[];
}

/** The key under which an entity is kept. */
export function entityKey(entity: Entity): string {
  switch (entity.kind) {
    case 'database':
      return `database:${entity.id}`;
    case 'schema':
      return `schema:${entity.databaseId}:${entity.id}`;
    case 'table':
    case 'view':
      return `object:${entity.databaseId}:${entity.objectId}`;
    case 'login':
      return `login:${entity.id}`;
    case 'principal':
      return `principal:${entity.databaseId}:${entity.id}`;
    case 'permissions':
      return `permissions:${entity.databaseId}`;
  }
}
