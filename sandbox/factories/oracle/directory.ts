import type mssql from 'mssql';
import type { References } from './references.js';
import { addOnce, textOf, type OracleRow } from './values.js';

export interface OracleDirectory {
  /** By tenant\login; further users of one login, inactive ones last, are numbered. */
  readonly users: Map<string, OracleRow>;
  readonly groups: readonly string[];
  /** 'key of the user provider/name', sorted. */
  readonly tenants: readonly string[];
  /** 'user -> role', 'group -> role' and 'group -> user', sorted. */
  readonly userRoles: readonly string[];
  readonly groupRoles: readonly string[];
  readonly groupUsers: readonly string[];
}

/** @param passwords whether users have their PASSWORD, which environments need not have in common */
export async function readDirectory(
  pool: mssql.ConnectionPool,
  references: References,
  passwords: boolean,
): Promise<OracleDirectory> {
  const rows = async (text: string): Promise<Record<string, unknown>[]> =>
    (await pool.request().query<Record<string, unknown>>(text)).recordset;
  const users = new Map<string, OracleRow>();
  for (const row of await rows(
    `SELECT ID, TENANT_ID, NAME, USERNAME, EMAIL, MOBILEPHONE, EXTERNAL_ID, CONVERT(nvarchar(30), CREATION_DATE, 121) AS CREATION_DATE,
       CONVERT(nvarchar(30), LAST_LOGIN, 121) AS LAST_LOGIN, IS_ACTIVE${passwords ? ', PASSWORD' : ''} FROM OSSYS_USER ORDER BY IS_ACTIVE DESC, ID`,
  )) {
    const { ID, TENANT_ID, ...rest } = row;
    const values = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, textOf(value)]));
    addOnce(users, (await references.system('OSSYS_USER', Number(ID))) ?? '', {
      ...values,
      TENANT: await references.system('OSSYS_TENANT', TENANT_ID as number | null),
    });
  }
  const groups: string[] = [];
  for (const row of await rows('SELECT ID FROM OSSYS_GROUP'))
    groups.push((await references.system('OSSYS_GROUP', Number(row['ID']))) ?? '');
  const tenants: string[] = [];
  for (const row of await rows('SELECT ID FROM OSSYS_TENANT'))
    tenants.push((await references.system('OSSYS_TENANT', Number(row['ID']))) ?? '');
  const links = async (table: string, from: 'USER' | 'GROUP', to: 'ROLE' | 'USER'): Promise<string[]> => {
    const found: string[] = [];
    for (const row of await rows(`SELECT ${from}_ID AS a, ${to}_ID AS b FROM ${table}`)) {
      found.push(
        `${await references.system(`OSSYS_${from}`, Number(row['a']))} -> ${await references.system(`OSSYS_${to}`, Number(row['b']))}`,
      );
    }
    return found.sort();
  };
  return {
    users,
    groups: groups.sort(),
    tenants: tenants.sort(),
    userRoles: await links('OSSYS_USER_ROLE', 'USER', 'ROLE'),
    groupRoles: await links('OSSYS_GROUP_ROLE', 'GROUP', 'ROLE'),
    groupUsers: await links('OSSYS_GROUP_USER', 'GROUP', 'USER'),
  };
}
