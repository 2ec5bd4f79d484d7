import type { DatabaseEntity, Entity, LoginEntity, PrincipalEntity, SchemaEntity } from './entities.js';

/** The principals, schemas and roles that every server and every database has from the start. */

export const saLoginId = 1;
export const sysadminRoleId = 3;
export const dboId = 1;
export const dboSchemaId = 1;
export const publicRoleId = 0;

export const serverRoles: Readonly<Record<string, number>> = {
  public: 2,
  sysadmin: 3,
  securityadmin: 4,
  serveradmin: 5,
  setupadmin: 6,
  processadmin: 7,
  diskadmin: 8,
  dbcreator: 9,
  bulkadmin: 10,
};

export const fixedDatabaseRoles: Readonly<Record<string, number>> = {
  db_owner: 16384,
  db_accessadmin: 16385,
  db_securityadmin: 16386,
  db_ddladmin: 16387,
  db_backupoperator: 16389,
  db_datareader: 16390,
  db_datawriter: 16391,
  db_denydatareader: 16392,
  db_denydatawriter: 16393,
};

export function serverPrincipals(saPasswordHash: string, createDate: string): LoginEntity[] {
  const roles = Object.entries(serverRoles).map(([name, id]): LoginEntity => ({
    kind: 'login',
    id,
    name,
    type: 'R',
    passwordHash: '',
    defaultDatabase: 'master',
    disabled: false,
    createDate,
    roles: [],
  }));
  const sa: LoginEntity = {
    kind: 'login',
    id: saLoginId,
    name: 'sa',
    type: 'S',
    passwordHash: saPasswordHash,
    defaultDatabase: 'master',
    disabled: false,
    createDate,
    roles: [sysadminRoleId],
  };
  return [sa, ...roles];
}

/** A new database with its schemas and principals. */
export function databaseEntities(
  id: number,
  name: string,
  collation: string,
  ownerLogin: number,
  createDate: string,
  recoveryModel: DatabaseEntity['recoveryModel'],
): Entity[] {
  const database: DatabaseEntity = {
    kind: 'database',
    id,
    name,
    collation,
    createDate,
    snapshotIsolation: name === 'master' || name === 'msdb',
    readCommittedSnapshot: false,
    recoveryModel,
    compatibilityLevel: 160,
    readOnly: false,
    userAccess: 'MULTI_USER',
    ownerLogin,
  };
  const schemas = ['dbo', 'guest', 'INFORMATION_SCHEMA', 'sys'].map((schema, index): SchemaEntity => ({
    kind: 'schema',
    databaseId: id,
    id: index + 1,
    name: schema,
    ownerId: index + 1,
  }));
  const principal = (principalId: number, principalName: string, facts: Partial<PrincipalEntity>): PrincipalEntity => ({
    kind: 'principal',
    databaseId: id,
    id: principalId,
    name: principalName,
    type: 'S',
    fixedRole: false,
    defaultSchema: null,
    loginId: null,
    owningPrincipal: null,
    createDate,
    roles: [],
    ...facts,
  });
  const principals = [
    principal(publicRoleId, 'public', { type: 'R', owningPrincipal: dboId }),
    principal(dboId, 'dbo', {
      defaultSchema: 'dbo',
      loginId: ownerLogin,
      roles: [fixedDatabaseRoles['db_owner'] ?? 0],
    }),
    principal(2, 'guest', { defaultSchema: 'guest' }),
    principal(3, 'INFORMATION_SCHEMA', {}),
    principal(4, 'sys', {}),
    ...Object.entries(fixedDatabaseRoles).map(([role, roleId]) =>
      principal(roleId, role, { type: 'R', fixedRole: true, owningPrincipal: dboId }),
    ),
  ];
  return [database, ...schemas, ...principals];
}
