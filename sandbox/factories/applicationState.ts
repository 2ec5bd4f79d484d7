/**
 * Which applications are enabled. No published table says so (there is no public API that disables an application),
 * so the sandbox keeps it in a table of its own.
 */
import type mssql from 'mssql';
import { literal } from './write/connection.js';

export const applicationStateTable = 'SANDBOX_APPLICATION_STATE';

/** Modules that belong to no active application: Service Center disables them one by one. */
const modulesAlone = `SELECT e.[SS_KEY], e.[NAME] FROM [dbo].[OSSYS_ESPACE] e WHERE e.[IS_ACTIVE] = 1 AND e.[IS_SYSTEM] = 0 AND NOT EXISTS (
  SELECT 1 FROM [dbo].[OSSYS_MODULE] m
  INNER JOIN [dbo].[OSSYS_APP_DEFINITION_MODULE] d ON d.[MODULE_ID] = m.[ID]
  INNER JOIN [dbo].[OSSYS_APPLICATION] a ON a.[ID] = d.[APPLICATION_ID] AND a.[IS_ACTIVE] = 1
  WHERE m.[ESPACE_ID] = e.[ID])`;

/** Creates the table with every active application, and every active module of none, enabled. */
export async function createApplicationState(pool: mssql.ConnectionPool): Promise<void> {
  await pool
    .request()
    .batch(
      `CREATE TABLE [dbo].[${applicationStateTable}] ([KEY] nvarchar(75) NOT NULL CONSTRAINT [PK_${applicationStateTable}] PRIMARY KEY, [NAME] nvarchar(250) NOT NULL, [IS_ENABLED] bit NOT NULL)`,
    );
  await pool.request().batch(
    `INSERT INTO [dbo].[${applicationStateTable}] ([KEY], [NAME], [IS_ENABLED]) SELECT [KEY], [NAME], 1 FROM [dbo].[OSSYS_APPLICATION] WHERE [IS_ACTIVE] = 1
       UNION ALL SELECT alone.[SS_KEY], alone.[NAME], 1 FROM (${modulesAlone}) alone`,
  );
}

/** Disables or enables active applications, and modules of none, by name; a second call changes nothing. Throws if a name is unknown. */
export async function setApplicationsEnabled(
  pool: mssql.ConnectionPool,
  names: readonly string[],
  enabled: boolean,
): Promise<void> {
  for (const name of names) {
    const result = await pool.request().batch<{ found: number }>(
      `UPDATE [dbo].[${applicationStateTable}] SET [IS_ENABLED] = ${enabled ? 1 : 0} WHERE [NAME] = ${literal(name)};
       SELECT @@ROWCOUNT AS found`,
    );
    if (result.recordset[0]?.found !== 1) throw new Error(`There is no active application ${name}.`);
  }
}

/** Names of active applications, and of modules of none, with their state. */
export async function readApplicationsEnabled(pool: mssql.ConnectionPool): Promise<ReadonlyMap<string, boolean>> {
  const result = await pool
    .request()
    .query<{ NAME: string; IS_ENABLED: boolean }>(`SELECT [NAME], [IS_ENABLED] FROM [dbo].[${applicationStateTable}]`);
  return new Map(result.recordset.map((each) => [each.NAME, each.IS_ENABLED]));
}
