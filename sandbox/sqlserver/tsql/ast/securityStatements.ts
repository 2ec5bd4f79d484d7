import type { Node, ObjectName } from './node.js';

/** Databases, logins, users, roles and permissions. Drops are DropStatements. */
export type SecurityStatement =
  | CreateDatabaseStatement
  | AlterDatabaseStatement
  | LoginStatement
  | UserStatement
  | CreateRoleStatement
  | AlterRoleStatement
  | PermissionStatement;

export interface CreateDatabaseStatement extends Node {
  readonly kind: 'createDatabase';
  readonly name: string;
  readonly collation: string | undefined;
}

export interface AlterDatabaseStatement extends Node {
  readonly kind: 'alterDatabase';
  /** 'CURRENT' is given as undefined. */
  readonly name: string | undefined;
  readonly changes: readonly DatabaseChange[];
  /** WITH ROLLBACK IMMEDIATE | ROLLBACK AFTER n | NO_WAIT. */
  readonly termination: 'rollbackImmediate' | 'noWait' | undefined;
}

export type DatabaseChange =
  | {
      readonly kind: 'option';
      /** Upper case: ALLOW_SNAPSHOT_ISOLATION, READ_COMMITTED_SNAPSHOT, RECOVERY, COMPATIBILITY_LEVEL ... */
      readonly name: string;
      /** Upper case: ON, OFF, SIMPLE, FULL, 130 ... ; '' for options without one (SINGLE_USER, READ_ONLY ...). */
      readonly value: string;
    }
  | { readonly kind: 'collate'; readonly collation: string };

export interface LoginStatement extends Node {
  readonly kind: 'login';
  readonly action: 'create' | 'alter';
  readonly name: string;
  readonly password: string | undefined;
  readonly defaultDatabase: string | undefined;
  /** ALTER LOGIN ... ENABLE | DISABLE. */
  readonly enable: boolean | undefined;
  /** ALTER LOGIN ... WITH NAME = new. */
  readonly newName: string | undefined;
}

export interface UserStatement extends Node {
  readonly kind: 'user';
  readonly action: 'create' | 'alter';
  readonly name: string;
  /** FOR LOGIN (or WITH LOGIN = of ALTER USER); undefined when not written: the login of the same name. */
  readonly login: string | undefined;
  readonly withoutLogin: boolean;
  readonly defaultSchema: string | undefined;
  readonly newName: string | undefined;
}

export interface CreateRoleStatement extends Node {
  readonly kind: 'createRole';
  readonly name: string;
  readonly authorization: string | undefined;
}

/** ALTER ROLE and ALTER SERVER ROLE. */
export interface AlterRoleStatement extends Node {
  readonly kind: 'alterRole';
  readonly server: boolean;
  readonly role: string;
  readonly change: 'addMember' | 'dropMember' | 'rename';
  /** The member, or the new name. */
  readonly name: string;
}

export interface PermissionStatement extends Node {
  readonly kind: 'permission';
  readonly action: 'grant' | 'deny' | 'revoke';
  readonly permissions: readonly Permission[];
  /** Undefined: the current database, or the server for server permissions. */
  readonly securable: Securable | undefined;
  readonly principals: readonly string[];
  readonly withGrantOption: boolean;
  /** REVOKE GRANT OPTION FOR. */
  readonly grantOptionFor: boolean;
  readonly cascade: boolean;
}

export interface Permission {
  /** Upper case, single blanks: 'SELECT', 'VIEW DEFINITION', 'ALTER ANY SCHEMA', 'ALL'. */
  readonly name: string;
  /** Columns named after the permission or the object. */
  readonly columns: readonly string[];
}

export interface Securable extends Node {
  readonly class: 'object' | 'schema' | 'database' | 'login' | 'user' | 'role';
  readonly name: ObjectName;
}
