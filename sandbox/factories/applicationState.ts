/**
 * Which applications are enabled. No published table says so (there is no public API that disables an application),
 * so the sandbox keeps it in a table of its own.
 */
import type mssql from 'mssql';
import { literal } from './write/connection.js';

export const applicationStateTable = 'SANDBOX_APPLICATION_STATE';

/** Creates the table with every active application enabled. */
export async function createApplicationState(pool: mssql.ConnectionPool): Promise<void> {
  await pool
    .request()
    .batch(
      `CREATE TABLE [dbo].[${applicationStateTable}] ([APPLICATION_KEY] nvarchar(36) NOT NULL CONSTRAINT [PK_${applicationStateTable}] PRIMARY KEY, [IS_ENABLED] bit NOT NULL)`,
    );
  await pool
    .request()
    .batch(
      `INSERT INTO [dbo].[${applicationStateTable}] ([APPLICATION_KEY], [IS_ENABLED]) SELECT [KEY], 1 FROM [dbo].[OSSYS_APPLICATION] WHERE [IS_ACTIVE] = 1`,
    );
}

/** Disables or enables active applications by name; a second call changes nothing. Throws if a name is unknown. */
export async function setApplicationsEnabled(
  pool: mssql.ConnectionPool,
  names: readonly string[],
  enabled: boolean,
): Promise<void> {
  for (const name of names) {
    const result = await pool.request().batch<{ found: number }>(
      `UPDATE s SET [IS_ENABLED] = ${enabled ? 1 : 0} FROM [dbo].[${applicationStateTable}] s INNER JOIN [dbo].[OSSYS_APPLICATION] a ON a.[KEY] = s.[APPLICATION_KEY]
       WHERE a.[IS_ACTIVE] = 1 AND a.[NAME] = ${literal(name)};
       SELECT @@ROWCOUNT AS found`,
    );
    if (result.recordset[0]?.found !== 1) throw new Error(`There is no active application ${name}.`);
  }
}

/** Names of the active applications with their state. */
export async function readApplicationsEnabled(pool: mssql.ConnectionPool): Promise<ReadonlyMap<string, boolean>> {
  const result = await pool
    .request()
    .query<{ NAME: string; IS_ENABLED: boolean }>(
      `SELECT a.[NAME], s.[IS_ENABLED] FROM [dbo].[${applicationStateTable}] s INNER JOIN [dbo].[OSSYS_APPLICATION] a ON a.[KEY] = s.[APPLICATION_KEY] WHERE a.[IS_ACTIVE] = 1`,
    );
  return new Map(result.recordset.map((each) => [each.NAME, each.IS_ENABLED]));
}
