import mssql from 'mssql';
import { qaDatabase, type Sandbox } from './environment.js';
import { setApplicationsEnabled } from './factories/index.js';

/** What an operator does in Service Center: disables or enables applications of the sandbox's QA environment. */
export async function setApplicationsInQa(
  { sqlServer, secrets }: Pick<Sandbox, 'sqlServer' | 'secrets'>,
  applications: readonly string[],
  enabled: boolean,
): Promise<void> {
  const pool = new mssql.ConnectionPool({
    server: sqlServer.host,
    port: sqlServer.port,
    user: 'sa',
    password: secrets.SANDBOX_SA_PASSWORD,
    database: qaDatabase,
    options: { encrypt: true, trustServerCertificate: true },
    pool: { min: 0, max: 1 },
  });
  await pool.connect();
  try {
    await setApplicationsEnabled(pool, applications, enabled);
  } finally {
    await pool.close();
  }
}
